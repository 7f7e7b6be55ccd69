"""The files of the page Bought together: pairs of products, and what first products lead to."""

from __future__ import annotations

from collections.abc import Mapping

from core.exports.files import Export
from core.metrics.products.baskets import FIRST_PRODUCTS, MOST_TOGETHER, pairs_statement

EXPORTS = {
    "bought-together": Export(
        pairs_statement,
        "product_id=id title=text other_id=id other=text orders=number share=share other_share=share lift=ratio",
        MOST_TOGETHER,
        title="Bought together",
        row="pair of products of the same orders",
        meanings={"orders": "together"},
    ),
    "first-products": Export(
        FIRST_PRODUCTS,
        "product_id=id title=text customers=number repeat_customers=number repeat_rate=share next_names=text",
        title="First products",
        row="product of first orders",
        meanings={"customers": "first_customers", "repeat_customers": "first_repeat"},
    ),
}


def parameters(filters: Mapping[str, str]) -> dict[str, object]:
    """The parameter of the filter "fewest"; 1 for what is no number."""
    typed = filters.get("fewest", "")
    return {"fewest": int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1}
