"""What cannot be mapped is told of by its id and the reason, so that it keeps nothing else out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from core.domain import Kind, Unreadable
from core.errors import UnmappableError
from core.shopify.mapping.fields import Fields

R = TypeVar("R")


def or_unreadable(kind: Kind, read: Callable[[Mapping[str, Any]], R], node: Mapping[str, Any]) -> R | Unreadable:
    """What `read` makes of a node; where that lacks what a record needs, the reason."""
    try:
        return read(node)
    except UnmappableError as error:
        return Unreadable(kind, _id(node), str(error))


def _id(node: Mapping[str, Any]) -> int:
    """0 where not even the id can be read."""
    try:
        return Fields(node, "the API's node").gid()
    except UnmappableError:
        return 0
