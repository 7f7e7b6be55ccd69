"""Parts of the Stores page."""
