"""Parts of the Simulator page."""
