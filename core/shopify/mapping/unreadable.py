"""Keep a node that cannot be mapped as its id and the reason, so that it does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from core.domain import Kind, Unreadable
from core.errors import UnmappableError
from core.shopify.mapping.fields import Fields

R = TypeVar("R")


def map_or_unreadable(
    kind: Kind, read: Callable[[Mapping[str, object]], R], node: Mapping[str, object]
) -> R | Unreadable:
    """Map a node with `read`; if it lacks a field that a record needs, return the reason instead."""
    try:
        return read(node)
    except UnmappableError as error:
        return Unreadable(kind, _id(node), str(error))


def _id(node: Mapping[str, object]) -> int:
    """Read the node's id; 0 if that is unreadable, too."""
    try:
        return Fields(node, "the API's node").gid()
    except UnmappableError:
        return 0
