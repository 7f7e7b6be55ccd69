"""CSV files of every table and chart."""

from core.exports.files import Export, Kind
from core.exports.tables import EXPORTS, Pieces, filename, stream

__all__ = ["EXPORTS", "Export", "Kind", "Pieces", "filename", "stream"]
