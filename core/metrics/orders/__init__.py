"""The list of orders, one order whole, and the discounts that orders used."""
