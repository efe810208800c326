"""The message catalogues: compiled and checked without GNU gettext, which may not be there."""
