"""A delivery's whole life, one module a step.

`receive` has it verified (`verify`) and stored (`storage`), before Shopify gets its answer. A job then applies it
(`apply`); deliveries about the shop itself go to `shop_topics`. `confirm` asks Shopify first, where a signature is no
proof (`confirm_rules`). `retry` retries what failed.
"""
