"""The files of the Cohorts page: a row for each period of each cohort, and what a customer is worth."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.customers.cohort_profits import profits_statement
from core.metrics.customers.cohorts import ReturnsOn, Width, cohorts_statement
from core.metrics.customers.values import VALUES

_SUFFIXES = {ReturnsOn.ORDER_DAY: "", ReturnsOn.RETURN_DAY: "-returns-on-their-day"}
_WORDS = {ReturnsOn.ORDER_DAY: "", ReturnsOn.RETURN_DAY: ", returns on their own day"}

_PERIODS = {
    f"cohorts-by-{width}{_SUFFIXES[returns_on]}": Export(
        cohorts_statement(width, returns_on),
        """cohort=text_of_day size=number number=number period=text_of_day customers=number second_customers=number
        orders=count net_sales=amount net_to_date=level currency=currency is_complete=flag""",
        title=f"Cohorts by {width}{_WORDS[returns_on]}",
        row=f"cohort and {width} after its first order",
        meanings={"customers": "customers_of_cohort", "net_sales": f"net_of_cohort_on_{returns_on.name.lower()}"},
    )
    for width in Width
    for returns_on in ReturnsOn
}
_PROFITS = {
    f"cohort-profits-by-{width}": Export(
        profits_statement(width),
        """cohort=text_of_day period=text_of_day gross_profit=amount net_with_cost=amount net_sales=amount
        currency=currency""",
        title=f"Profit of cohorts by {width}",
        row=f"cohort and {width} with orders",
        meanings={"net_sales": "net_of_cohort_on_order_day", "gross_profit": "gross_profit_of_cohort"},
    )
    for width in Width
}
_VALUES = Export(
    f"SELECT *, net_sales / nullif(customers, 0) AS customer_value FROM ({VALUES}) sums",
    "days=number customers=number net_sales=level customer_value=level currency=currency",
    title="What a customer is worth",
    row="number of days since the first order",
    meanings={"days": "days_of_value", "customers": "customers_of_value", "net_sales": "net_of_value"},
)
EXPORTS = {**_PERIODS, **_PROFITS, "customer-values": _VALUES}


def file_of(width: Width, returns_on: ReturnsOn, is_profit: bool) -> str:
    """The name of the file of what the page shows."""
    return f"cohort-profits-by-{width}" if is_profit else f"cohorts-by-{width}{_SUFFIXES[returns_on]}"
