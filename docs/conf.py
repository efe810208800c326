"""Sphinx settings: ``make docs`` builds these pages, warnings are errors."""

project = "Greenroom"
author = "The Greenroom developers"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns: list[str] = []
html_theme = "furo"
html_title = "Greenroom"
myst_heading_anchors = 3
# The model card and the README stand outside this folder; they are linked, not built.
suppress_warnings = ["myst.xref_missing"]
