"""Documents to keep and print, as PDF."""
