"""A store's key, which has its tenant in it, and the filter of statements by both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import ColumnElement, and_


@dataclass(frozen=True, slots=True)
class StoreKey:
    """The key of a store: its tenant and its id. Every statement filters by both, beside row-level security."""

    tenant_id: int
    store_id: int

    @classmethod
    def of(cls, row: Any) -> Self:
        """The key of the store that a row, or a view of one, belongs to."""
        return cls(row.tenant_id, row.store_id)

    def owns(self, model: Any) -> ColumnElement[bool]:
        """Whether a row of `model` is this store's; `model` has the columns tenant_id and store_id."""
        return and_(model.tenant_id == self.tenant_id, model.store_id == self.store_id)

    @property
    def parameters(self) -> dict[str, int]:
        """The key as parameters of an SQL text, and as arguments of a job."""
        return {"tenant_id": self.tenant_id, "store_id": self.store_id}
