"""Prompt sheets: files of prompts, read without trusting them, and their results written out."""
