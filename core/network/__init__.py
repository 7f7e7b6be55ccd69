"""The addresses that requests come from, rate limits in memory, and the mail server. Knows no settings."""
