"""Files of every table and chart."""

from core.exports.files import Export, Kind
from core.exports.snapshot import Pieces
from core.exports.streaming import Format, filename, stream
from core.exports.tables import EXPORTS, action_of

__all__ = ["EXPORTS", "Export", "Format", "Kind", "Pieces", "action_of", "filename", "stream"]
