"""Files of rates as merchants and the European Central Bank write them; each fault names its line and the cure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.errors import InvalidFile
from core.exchange.files import MOST_BYTES, parse_rates

DAY = date(2026, 11, 26)
NEEDED = frozenset({"USD", "GBP", "JPY", "EUR"})
OF_BANK = b"Date,USD,JPY,GBP,CYP,\r\n2026-11-26,1.25,160,0.8,N/A,\r\n2026-11-25,1.2,N/A,0.81,N/A,\r\n"


def test_a_file_by_row_gives_the_rates_as_they_stand() -> None:
    content = "﻿Date;Currency;Rate\r\n2026-11-26;usd;0,92\r\n\r\n2026-11-26;CHF;1,05\r\n".encode()
    found = parse_rates(content, "EUR", NEEDED)
    assert found.rates == {("USD", DAY): Decimal("0.92")}
    assert found.unused == {"CHF"}


def test_the_banks_file_gives_the_rate_into_euros() -> None:
    found = parse_rates(OF_BANK, "EUR", NEEDED)
    assert found.rates == {
        ("USD", DAY): Decimal("0.8"),
        ("JPY", DAY): Decimal("0.00625"),
        ("GBP", DAY): Decimal("1.25"),
        ("USD", date(2026, 11, 25)): Decimal("0.833333333333"),
        ("GBP", date(2026, 11, 25)): Decimal("1.23456790123"),
    }


def test_the_banks_file_gives_the_rate_between_two_of_its_currencies() -> None:
    found = parse_rates(OF_BANK, "USD", NEEDED)
    assert found.rates["EUR", DAY] == Decimal("1.25")
    assert found.rates["GBP", DAY] == Decimal("1.5625")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "date, currency and rate"),
        (b"day,code\n1,2\n", "date, currency and rate"),
        (b"date,currency,rate\n2026-11-26,USD,zero\n", "Line 2: zero is no amount"),
        (b"date,currency,rate\n2026-11-26,USD,0\n", "Line 2: a rate is above zero"),
        (b"date,currency,rate\n2026-11-26,USD,-1\n", "Line 2"),
        (b"date,currency,rate\n\n26.11.2026,USD,1\n", "Line 3: 26.11.2026 is no day"),
        (b"date,currency,rate\n0001-01-01,USD,1\n", "Line 2: 0001-01-01 is too far away"),
        (b"date,currency,rate\n2026-11-26,dollar,1\n", "Line 2: write the currency as a code"),
        (b"date,currency,rate\n2026-11-26,USD\n", "Line 2: Type the rate"),
        (b"date,currency,rate\n2026-11-26,CHF,1.05\n", "no rate into EUR of GBP or JPY or USD"),
        (b"Date,CHF\n2026-11-26,0.95\n", "no rate into EUR of GBP or JPY or USD"),
        (b"\xff\xfe\x00", "not in UTF-8"),
        (b"date,currency,rate\n" + b"x" * MOST_BYTES, "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        parse_rates(content, "EUR", NEEDED)
