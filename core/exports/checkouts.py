"""The files of the Checkouts page."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.checkouts import carts
from core.metrics.checkouts import listing as checkout_list
from core.metrics.checkouts import report as checkouts

EXPORTS = {
    "checkouts": Export(
        checkout_list.list_statement,
        """checkout_id=id started_at=time state=text customer=text email=text country=text items=text units=count
        total=own_amount currency=text ended_at=time order_id=id order_name=text order_net=own_amount
        time_zone=zone""",
        checkout_list.NEWEST_FIRST,
        title="Checkouts",
        row="checkout that began in the period",
        meanings={"total": "checkout_total"},
    ),
    "checkouts-over-time": Export(
        checkouts.OVER_TIME,
        """start=time checkouts_completed=count checkouts_recovered=count checkouts_abandoned=count
        checkouts_pending=count checkouts_young=count time_zone=zone""",
        title="Checkouts over time",
        row="{grain}",
    ),
    "carts-over-time": Export(
        carts.OVER_TIME,
        "start=time carts_to_checkout=count carts_left=count carts_open=count time_zone=zone",
        title="Carts over time",
        row="{grain}",
    ),
}
