"""TODO dashboard/app_pages."""
