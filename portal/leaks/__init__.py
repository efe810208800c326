"""How a leaked key shows: what is counted, how it is judged, what it is called."""
