"""Parts of the Data health page."""
