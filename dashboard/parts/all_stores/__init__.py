"""Parts of the All stores page."""
