"""A local Shopify: made-up shops, the same for the same seed, their API, webhooks and true totals."""
