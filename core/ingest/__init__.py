"""The only writer of the commerce tables: records go in, rows come out."""

from core.ingest.batch import Written
from core.ingest.customers import mark_statistics_read
from core.ingest.order_rows import PreparedOrders
from core.ingest.pipeline import STEPS, write
from core.ingest.ranks import Reading
from core.ingest.target import Target

__all__ = ["STEPS", "PreparedOrders", "Reading", "Target", "Written", "mark_statistics_read", "write"]
