"""`manage.py up`: every part of Greenroom on one machine, started, watched and ended together."""
