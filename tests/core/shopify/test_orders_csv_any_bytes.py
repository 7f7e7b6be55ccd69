"""Any file is either read completely or refused with one sentence that names it: no crash, and no lost order."""

from __future__ import annotations

import string
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ledger import sale_rows
from core.domain.periods import local_day
from core.errors import InvalidFile
from core.shopify.orders_csv import Mapped, orders_in, to_order
from core.simulator.shop.orders_csv import COLUMNS
from tests.core.shopify.csv_files import Cells, file, first, more

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
GOOD = file(first(), more(), first(Name="#1002", Id="5000000000002"))

cells = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e5",
            "5.98E+12",
            "NaN",
            "Infinity",
            "12,50",
            "1.234,50",
            "$5",
            "9" * 13,
            "9" * 40,
            "0.000001",
        ]
    ),
    st.sampled_from(
        ["true", "FALSE", "Tip", "Gift Card", "refunded", "voided", "paid", "EUR", "JPY", "XXX", "VAT 999%"]
    ),
    st.sampled_from(["2024-05-02 11:04:33 +0200", "0001-01-01 00:00:00 +1400", "9999-12-31 23:59:59 -1200"]),
    st.sampled_from(["02/05/2024 11:04", "2024-02-30 11:04:33 +0200", "2024-05-02 24:00:00 +0000", "#1001", "#1002"]),
    st.decimals(0, 10**14, places=2, allow_nan=False).map(str),
    st.integers(0, 10**10).map(str),
    st.text('aé€ß\u00a0\u2028-+=@.,;%" \n0123456789', max_size=12),
)
rows = st.lists(
    st.tuples(st.booleans(), st.dictionaries(st.sampled_from(COLUMNS), cells, max_size=4)),
    min_size=1,
    max_size=5,
)


def taken(*contents: bytes, size: int = 1 << 16) -> list[Mapped] | None:
    """Read the orders, as far as they go into the database; None if a file is refused by a sentence that names it."""
    named = [
        (f"{number}.csv", [content[start : start + size] for start in range(0, len(content), size)])
        for number, content in enumerate(contents, 1)
    ]
    try:
        found = [to_order(raw) for raw in orders_in(named)]
    except InvalidFile as refused:
        sentence = str(refused)
        assert sentence.split(",")[0].split(":")[0] in {name for name, _ in named}
        assert sentence.endswith(".")
        assert len(sentence) < 600
        return None
    for each in found:
        assert local_day(each.order.processed_at, LOS_ANGELES)
        assert "\0" not in str(each.order)
        str(each.order).encode()
    return found


def check(found: list[Mapped] | None) -> None:
    """Check that figures count the amount that the import reports."""
    for each in found or []:
        placed = sum((row.net + row.tax for row in sale_rows(each.order) if row.action == "order"), Decimal(0))
        assert placed == each.worth
        assert each.is_even is (each.worth == each.order.total)


@given(rows)
def test_any_cells(changes: list[tuple[bool, Cells]]) -> None:
    check(taken(file(*((first() if begins else more()) | cells for begins, cells in changes))))


@given(st.binary(max_size=400), st.sampled_from([0, 1, 40, 900, len(GOOD)]), st.integers(1, 50))
def test_any_bytes_anywhere(junk: bytes, at: int, size: int) -> None:
    check(taken(GOOD[:at] + junk + GOOD[at:], size=size))


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 3),
    st.sampled_from([b"", b"\r", b"\n", b'"', b";", b"\0", b"\xff", b"\xfe"]),
)
def test_a_byte_more_or_a_few_less(at: int, less: int, more_of: bytes) -> None:
    check(taken(GOOD[:at] + more_of + GOOD[at + less :]))


@given(
    st.text(string.printable, max_size=300), st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
)
def test_any_text_in_any_encoding(text: str, encoding: str) -> None:
    check(taken(text.encode(encoding), GOOD))


@given(st.lists(st.integers(1, 400), min_size=1, max_size=4), st.permutations(range(4)))
def test_an_export_cut_into_files_anywhere_between_its_rows_is_the_same_orders(
    cuts: list[int], order: list[int]
) -> None:
    head, *lines = file(
        *(first(Name=f"#{n}", Id=str(7000 + n)) if n % 3 else more(Name=f"#{n - 1}") for n in range(1, 41))
    ).splitlines(True)
    places = sorted({0, len(lines), *(cut % len(lines) for cut in cuts)})
    files = [head + b"".join(lines[start:end]) for start, end in pairwise(places)]
    whole = taken(head + b"".join(lines))
    parts = taken(*(files[n] for n in order if n < len(files)), *(files[n] for n in range(4, len(files))))
    assert whole is not None
    assert parts is not None
    assert sorted(parts, key=lambda each: each.order.order_id) == sorted(whole, key=lambda each: each.order.order_id)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"\xfe\xff\0", b"\0", b"\r", b"\r\r\n", b'"', b";;;", b"\xef\xbb\xbf"]
)
def test_next_to_nothing(content: bytes) -> None:
    assert taken(content) is None
