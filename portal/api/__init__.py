"""The machine's front door: the site's API under ``/v1``, for whoever holds an access key."""
