"""A delivery's whole life, one module a step.

`receive` has it verified (`verify`) and stored (`storage`) before Shopify gets its answer. A job then selects it
(`pending`) and applies it (`apply`); `shop_topics` applies those about the shop itself. `confirm` asks Shopify first
if a signature is no proof (`confirm_rules`). `retry` retries failed ones. `states` moves a delivery on.
"""
