"""The only writer of the commerce tables: records go in, rows come out."""

from core.ingest.drafts import Drafts
from core.ingest.people import concerns, redacted
from core.ingest.pipeline import Written, write
from core.ingest.ranks import Reading
from core.ingest.target import Target

__all__ = ["Drafts", "Reading", "Target", "Written", "concerns", "redacted", "write"]
