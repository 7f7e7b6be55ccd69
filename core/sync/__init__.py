"""How a store is read: its runs, the first load, later changes, re-fetches."""
