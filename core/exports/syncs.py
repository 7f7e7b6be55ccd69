"""The files of past syncs and imports on the page Stores."""

from __future__ import annotations

from core.exports.files import Export
from core.metrics.formulas import of_store

_SYNCS = f"""
SELECT r.requested_at, r.state, r.trigger, r.records_done AS records, r.orders_done AS sync_orders,
       r.started_at AS began_at, r.finished_at, r.error AS reason
FROM sync_runs r WHERE {of_store("r")}
ORDER BY r.requested_at DESC, r.run_id DESC"""  # The names are ours.
_IMPORTS = f"""
SELECT i.requested_at, i.state, array_to_string(i.file_names, ', ') AS files, i.orders_done AS imported,
       i.orders_kept AS known, i.orders_uneven AS uneven, i.orders_skipped AS skipped,
       i.started_at AS began_at, i.finished_at, i.error AS reason
FROM imports i WHERE {of_store("i")}
ORDER BY i.requested_at DESC, i.import_id DESC"""  # The names are ours.

EXPORTS = {
    "syncs": Export(
        _SYNCS,
        """requested_at=time state=text trigger=text records=count sync_orders=count began_at=time finished_at=time
        reason=text time_zone=zone""",
        title="Past syncs",
        row="sync of the store, the latest first",
        meanings={"state": "state_of_sync", "reason": "reason_of_sync"},
    ),
    "imports": Export(
        _IMPORTS,
        """requested_at=time state=text files=text imported=count known=count uneven=count skipped=count began_at=time
        finished_at=time reason=text time_zone=zone""",
        title="Past imports",
        row="import of orders into the store, the latest first",
        meanings={
            "requested_at": "import_requested_at",
            "state": "state_of_import",
            "began_at": "import_began_at",
            "finished_at": "import_finished_at",
            "reason": "reason_of_import",
        },
    ),
}
