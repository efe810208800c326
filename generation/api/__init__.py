"""Videos and models of the API; what it calls a video is a clip."""
