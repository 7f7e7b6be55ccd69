"""The first load of a store, by bulk operations in slices, recent orders first."""

from core.sync.first_load.slices import delete_all
from core.sync.first_load.work import ENTITIES, advance, begin, release

__all__ = ["ENTITIES", "advance", "begin", "delete_all", "release"]
