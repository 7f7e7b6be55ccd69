"""Parts of the Explore page: its choices, its saved reports and its answer."""
