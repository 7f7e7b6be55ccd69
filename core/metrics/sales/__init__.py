"""What a store sold: its headline, days, hours, origins, and the pace of the running day."""
