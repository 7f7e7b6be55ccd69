"""Parts of signing in, of links, and of the Settings page."""
