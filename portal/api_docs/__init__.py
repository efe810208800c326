"""The API in words: its schema read for a page, and examples that run against this site."""
