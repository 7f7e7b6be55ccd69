"""The addresses that requests come from, and the mail server. Knows no settings."""
