"""Shopify's answers about orders as bytes to keep.

An answer is compressed with a dictionary of what most answers have in common, so that one by itself becomes as small
as one among thousands. A dictionary is needed as long as anything is kept that was written with it: a better one gets
the next number.
"""

from __future__ import annotations

import json
import zlib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.json import Encoder

from core.domain import OrderAnswer
from core.errors import UnmappableError

DICTIONARY = 1
"""The number of the dictionary that new answers are written with."""
_LEVEL = 5
"""Level 6 makes answers 3 % smaller, and takes a third longer."""
_LARGEST = 32 << 20
"""Bytes of one answer: a damaged row must not fill the memory."""
_encode = Encoder(decimal_format="string").encode


def packed(answer: OrderAnswer) -> bytes:
    """Return an answer as compressed bytes."""
    packer = _packer().copy()
    return packer.compress(_written(answer)) + packer.flush()


def unpacked(kept: bytes, dictionary: int) -> dict[str, Any]:
    """Return a kept answer: a node, or the `order` and its `children` of a bulk operation.

    Raises:
        UnmappableError: the bytes are damaged.
    """
    try:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_dictionary(dictionary))
        return dict(json.loads(unpacker.decompress(kept, _LARGEST), parse_float=Decimal))
    except (zlib.error, ValueError, TypeError, OSError):
        raise UnmappableError("A kept answer of Shopify is damaged; the order is read again") from None


def _written(answer: OrderAnswer) -> bytes:
    if isinstance(answer.node, bytes):
        children = b",".join(child.strip() for child in answer.children)
        return b'{"order":' + answer.node.strip() + b',"children":[' + children + b"]}"
    return _encode(answer.node)


@cache
def _packer() -> Any:
    """Return a compressor that has read the dictionary, to copy for each answer: reading it takes longer than most
    answers do."""
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_dictionary(DICTIONARY))


@cache
def _dictionary(number: int) -> bytes:
    return (Path(__file__).parent / f"order_answer_{number}.dict").read_bytes()
