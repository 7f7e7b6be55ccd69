"""Costs that a merchant enters: by kind, and by variant from a CSV. Owners alone change them; replaced ones stay."""

from core.costs.entries import (
    NAMES,
    SINGLE,
    CostEntry,
    CostView,
    add_cost,
    cost_history,
    costs,
    remove_cost,
    replace_cost,
)
from core.costs.files import (
    AppliedFile,
    UnitCostFileView,
    apply_file,
    discard_file,
    pending_file,
    recent_files,
    store_file,
)
from core.costs.rows import MOST_BYTES, too_large
from core.database.models import CostBasis, CostKind

__all__ = [
    "MOST_BYTES",
    "NAMES",
    "SINGLE",
    "AppliedFile",
    "CostBasis",
    "CostEntry",
    "CostKind",
    "CostView",
    "UnitCostFileView",
    "add_cost",
    "apply_file",
    "cost_history",
    "costs",
    "discard_file",
    "pending_file",
    "recent_files",
    "remove_cost",
    "replace_cost",
    "store_file",
    "too_large",
]
