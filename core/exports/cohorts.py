"""The files of the Cohorts page: a row for each period of each cohort."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.customers.cohorts import Width, cohorts_statement

EXPORTS = {
    f"cohorts-by-{width}": Export(
        cohorts_statement(width),
        """cohort=text_of_day size=number number=number period=text_of_day customers=number second_customers=number
        orders=count net_sales=amount net_to_date=level currency=currency is_complete=flag""",
        title=f"Cohorts by {width}",
        row=f"cohort and {width} after its first order",
        meanings={"customers": "customers_of_cohort", "net_sales": "net_of_cohort"},
    )
    for width in Width
}
