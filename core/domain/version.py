"""The version of the mapping. Raise it whenever a code change makes different rows from the same
Shopify answer.

Stores with rows of an older version are then re-fetched in the background (see `core.sync.remap`).
"""

from __future__ import annotations

MAPPING_VERSION = 4
# 0  Rows from before there were versions.
# 1  Tips are no goods; returns are booked once; shipping refunds and discounts of tax-included stores are split the
#    same way by every path; duties and fees are in from the first reading on; customers and products are filled in.
# 2  Lines know which code or discount took how much of them; orders have the tokens of
#    their checkout and cart.
# 3  Orders have their payments.
# 4  Orders have their tags, their location and the visits before them; payments have their fees, and returns their
#    reasons.
#
# Several changes that are released together share one number. A change counts wherever it is made: in
# core/shopify/mapping, core/shopify/orders_csv, or in core/domain/ledger.py, which makes sale rows of the records.

DOCUMENTS_VERSION = 1
"""The version of the fields that the documents request of an order. Raise it whenever they request one more: kept
answers of an older version lack it, so a remap reads those orders from Shopify again."""
