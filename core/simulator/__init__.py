"""A local Shopify: made-up shops, the same for the same seed, with their API, webhooks and true totals."""
