"""Connections: pages of a sorted list, with opaque cursors that hold the last id and its sort value.

So a page goes on after the same thing even when others were inserted or moved meanwhile, and ties lose nothing.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

Key = tuple[Any, int]
"""What a list is sorted by: a value and, for ties, the id."""

MOST = 250


def connection(
    keys: Sequence[Key],
    node: Callable[[int], dict[str, Any]],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    reverse: bool = False,
    **_: Any,
) -> dict[str, Any]:
    """The asked page of the things that `keys` name, in ascending order of their keys; `node` draws one by its id.

    Raises:
        GraphQLError: the page's size or a cursor cannot be used.
    """
    _check(first, last)
    rows = list(reversed(keys)) if reverse else keys
    start, stop = _bounds(keys, after, before, reverse)
    chosen = rows[start:stop]
    if first is not None:
        chosen = chosen[:first]
    elif last is not None:
        chosen = chosen[-last:] if last else []
    place = start if first is not None or last is None else stop - len(chosen)
    return {
        "nodes": lambda _info: [node(key[1]) for key in chosen],
        "edges": lambda _info: [{"cursor": cursor(key), "node": node(key[1])} for key in chosen],
        "pageInfo": {
            "hasNextPage": place + len(chosen) < len(rows),
            "hasPreviousPage": place > 0,
            "startCursor": cursor(chosen[0]) if chosen else None,
            "endCursor": cursor(chosen[-1]) if chosen else None,
        },
    }


def cursor(key: Key) -> str:
    """The opaque text for a place in a list."""
    told = {"last_id": key[1], "last_value": key[0]}
    return urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()


def _check(first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise _refusal("you must provide one of first or last")
    if first is not None and last is not None:
        raise _refusal("providing both first and last is not supported")
    size = first if first is not None else last
    if size is not None and not 0 <= size <= MOST:
        raise _refusal(f"the page's size must be between 0 and {MOST}, not {size}")


def _bounds(keys: Sequence[Key], after: str | None, before: str | None, reverse: bool) -> tuple[int, int]:
    """Positions in the list as it is read, which is backwards where `reverse`."""
    start, stop = 0, len(keys)
    if after:
        key = _key(after)
        start = len(keys) - bisect_left(keys, key) if reverse else bisect_right(keys, key)
    if before:
        key = _key(before)
        stop = len(keys) - bisect_right(keys, key) if reverse else bisect_left(keys, key)
    return start, max(start, stop)


def _key(text: str) -> Key:
    try:
        told = json.loads(urlsafe_b64decode(text))
        return told["last_value"], int(told["last_id"])
    except (ValueError, KeyError, TypeError):
        raise _refusal(f"'{text}' is not a cursor of this connection") from None


def _refusal(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})
