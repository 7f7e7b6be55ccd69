"""CSV files of every table and chart."""

from core.exports.tables import EXPORTS, Export, Kind, Pieces, filename, stream

__all__ = ["EXPORTS", "Export", "Kind", "Pieces", "filename", "stream"]
