"""The files of the parts of Overview below its figures."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.products import movers
from core.metrics.sales import origins, week_hours
from core.metrics.sales.origins import Origin

EXPORTS = {
    "sales-by-weekday-and-hour": Export(
        week_hours.WEEK_HOURS,
        "weekday=count hour=count orders=count net_sales=amount currency=currency time_zone=zone",
    ),
    "product-changes": Export(
        movers.MOVERS, "product_id=count title=text net_sales=amount earlier_net_sales=amount currency=currency"
    ),
    "new-and-returning-sales": Export(
        origins.BY_KIND, "start=time new_sales=amount returning_sales=amount currency=currency time_zone=zone"
    ),
    **{
        f"sales-by-{origin}": Export(
            origins.origin_statement(origin), "value=text net_sales=amount currency=currency"
        )
        for origin in Origin
    },
}
