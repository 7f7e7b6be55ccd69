"""What pages are made of: forms, cards, tables, the sidebar."""
