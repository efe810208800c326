"""The forensic mark: which download a leaked copy of a clip is."""
