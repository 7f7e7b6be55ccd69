"""The files of the page Bought together: pairs of products, and what first products lead to."""

from __future__ import annotations

from collections.abc import Mapping

from core.exports.files import Export
from core.metrics.products.baskets import FIRST_PRODUCTS, MOST_TOGETHER, pairs_statement

EXPORTS = {
    "bought-together": Export(
        pairs_statement,
        "product_id=count title=text other_id=count other=text orders=count share=share other_share=share lift=share",
        MOST_TOGETHER,
    ),
    "first-products": Export(
        FIRST_PRODUCTS,
        "product_id=count title=text customers=count repeat_customers=count repeat_rate=share next_names=text",
    ),
}


def parameters(filters: Mapping[str, str]) -> dict[str, object]:
    """The parameter of the filter "fewest"; 1 for what is no number."""
    typed = filters.get("fewest", "")
    return {"fewest": int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1}
