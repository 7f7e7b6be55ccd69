"""The file of past syncs on the page Stores."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.formulas import of_store

_SYNCS = f"""
SELECT r.requested_at, r.state, r.trigger, r.records_done AS records, r.orders_done AS sync_orders,
       r.started_at AS began_at, r.finished_at, r.error AS reason
FROM sync_runs r WHERE {of_store("r")}
ORDER BY r.requested_at DESC, r.run_id DESC"""  # The names are ours.

EXPORTS = {
    "syncs": Export(
        _SYNCS,
        """requested_at=time state=text trigger=text records=count sync_orders=count began_at=time finished_at=time
        reason=text time_zone=zone""",
        title="Past syncs",
        row="sync of the store, the latest first",
        meanings={"state": "state_of_sync", "reason": "reason_of_sync"},
    )
}
