"""The files of the Cohorts page: a row for each period of each cohort."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.customers.cohorts import Width, cohorts_statement

EXPORTS = {
    f"cohorts-by-{width}": Export(
        cohorts_statement(width),
        """cohort=text_of_day size=count number=count period=text_of_day customers=count second_customers=count
        orders=count net_sales=amount net_to_date=amount currency=currency is_complete=flag""",
    )
    for width in Width
}
