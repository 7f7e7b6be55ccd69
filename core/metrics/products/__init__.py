"""The list of products, one product whole, their changes, stock, and products bought together."""
