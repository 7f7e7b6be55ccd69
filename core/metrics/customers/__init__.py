"""The list of customers, one customer whole, new and returning ones, cohorts and segments."""
