"""GraphQL connections: pages of a sorted list, with opaque cursors of the last id and its sort value.

So a page continues after the same record even if others were inserted or moved meanwhile, and ties lose nothing.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

Key = tuple[Any, int]
"""The sort key of a list: a value and, for ties, the id."""

MAX_PAGE_SIZE = 250


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
    """Return the requested page of the records that `keys` name, in ascending order. `node` draws a record by its id.

    Raises:
        GraphQLError: the page's size or a cursor is invalid.
    """
    _check_size(first, last)
    rows = list(reversed(keys)) if reverse else keys
    start, stop = _bounds(keys, after, before, reverse)
    page_keys = rows[start:stop]
    if first is not None:
        page_keys = page_keys[:first]
    elif last is not None:
        page_keys = page_keys[-last:] if last else []
    position = start if first is not None or last is None else stop - len(page_keys)
    return {
        "nodes": lambda _info: [node(key[1]) for key in page_keys],
        "edges": lambda _info: [{"cursor": encode_cursor(key), "node": node(key[1])} for key in page_keys],
        "pageInfo": {
            "hasNextPage": position + len(page_keys) < len(rows),
            "hasPreviousPage": position > 0,
            "startCursor": encode_cursor(page_keys[0]) if page_keys else None,
            "endCursor": encode_cursor(page_keys[-1]) if page_keys else None,
        },
    }


def encode_cursor(key: Key) -> str:
    """Encode a place in a list as an opaque text."""
    place = {"last_id": key[1], "last_value": key[0]}
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def _check_size(first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise _bad_request("you must provide one of first or last")
    if first is not None and last is not None:
        raise _bad_request("providing both first and last is not supported")
    size = first if first is not None else last
    if size is not None and not 0 <= size <= MAX_PAGE_SIZE:
        raise _bad_request(f"the page's size must be between 0 and {MAX_PAGE_SIZE}, not {size}")


def _bounds(keys: Sequence[Key], after: str | None, before: str | None, reverse: bool) -> tuple[int, int]:
    """Return the positions between the cursors, in reading order, which is backwards where `reverse`."""
    start, stop = 0, len(keys)
    if after:
        key = _decode_cursor(after)
        start = len(keys) - bisect_left(keys, key) if reverse else bisect_right(keys, key)
    if before:
        key = _decode_cursor(before)
        stop = len(keys) - bisect_right(keys, key) if reverse else bisect_left(keys, key)
    return start, max(start, stop)


def _decode_cursor(text: str) -> Key:
    try:
        place = json.loads(urlsafe_b64decode(text))
        return place["last_value"], int(place["last_id"])
    except (ValueError, KeyError, TypeError):
        raise _bad_request(f"'{text}' is not a cursor of this connection") from None


def _bad_request(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})
