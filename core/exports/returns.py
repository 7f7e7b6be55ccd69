"""The files of the Returns page, each by return day and for the orders of the period."""

from __future__ import annotations

from functools import partial

from core.exports.files import Export
from core.metrics.returns import causes as return_causes
from core.metrics.returns import orders as returned_orders
from core.metrics.returns import report as returns
from core.metrics.returns import return_reasons
from core.metrics.returns.later_sales import Basis

_WORDS = {Basis.RETURN_DAY: "", Basis.ORDER_DAY: " of the period's orders"}
_SUFFIXES = {Basis.RETURN_DAY: "", Basis.ORDER_DAY: "-of-orders"}
_LIST, _BY_PRODUCT, _BY_REASON = "returned-orders", "returns-by-product", "returns-by-reason"
_OVER_TIME = "returns-over-time"


def _files(basis: Basis) -> dict[str, Export]:
    suffix, words = _SUFFIXES[basis], _WORDS[basis]
    return {
        _LIST + suffix: Export(
            partial(returned_orders.returned_orders_statement, basis),
            """order_id=id name=text returned_at=time placed_at=time items=text units_returned=count
            returns=own_amount refunded=own_amount currency=text reason=text time_zone=zone""",
            returned_orders.FIRST_SORT[basis],
            title=f"Returned orders{words}",
            row="order with a return",
            meanings={"returns": "returns_of_returned_order"},
        ),
        _BY_PRODUCT + suffix: Export(
            return_causes.by_product_statement(basis),
            """product_id=id title=text units_returned=count returns=amount units_sold=count gross_sales=amount
            currency=currency return_rate=share unit_return_rate=share""",
            title=f"Returns by product{words}",
            row="product",
        ),
        _BY_REASON + suffix: Export(
            return_causes.by_reason_statement(basis),
            "reason=text orders=number units_returned=count returns=amount refunded=amount currency=currency",
            title=f"Returns by reason{words}",
            row="reason",
        ),
        _OVER_TIME + suffix: Export(
            returns.over_time_statement(basis),
            "start=time returns=amount refunded=amount gross_sales=amount currency=currency time_zone=zone",
            title=f"Returns over time{words}",
            row="{grain}",
        ),
    }


EXPORTS = {name: file for basis in Basis for name, file in _files(basis).items()} | {
    "return-reasons": Export(
        return_reasons.RETURN_REASONS,
        "reason=text units=count orders=number value=amount currency=currency product=text",
        title="Why customers sent goods back",
        row="reason",
        meanings={"units": "units_requested", "value": "value_requested", "product": "product_most"},
    )
}
LISTS = tuple(_LIST + suffix for suffix in _SUFFIXES.values())
"""The files that take the search of the list."""
