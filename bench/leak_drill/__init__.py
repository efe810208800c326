"""One key is published while forty artists work: how soon is it closed, and who else notices?"""
