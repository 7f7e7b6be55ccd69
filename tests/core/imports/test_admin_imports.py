"""`python -m core.admin import-orders`: the operator's way to import files that lie on the machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from core import admin, imports
from tests.cast import Cast
from tests.core.shopify.csv_files import file, first, more

ACME = ("--user", "alice@acme.example", "--shop", "acme.myshopify.com")


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """The command sets up logging for its process, which is the tests' here."""
    before = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()


@pytest.fixture
def parts(tmp_path: Path) -> tuple[str, str]:
    """Two files of one export; the first ends within an order."""
    one, two = tmp_path / "orders_export_1.csv", tmp_path / "orders_export_2.csv"
    refunded = {"Refunded_Amount": "23.80", "Financial_Status": "partially_refunded"}
    cut = first(Subtotal="50.00", Taxes="9.50", Tax_1_Value="9.50", Total="64.50")
    one.write_bytes(file(first(Name="#1000", Id="5000000000000", **refunded), cut))
    two.write_bytes(file(more(), first(Name="#1002", Id="5000000000002", Total="1.00")))
    return str(one), str(two)


def test_the_command_prints_the_outcome_of_the_files(
    cast: Cast, parts: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert admin.main(["import-orders", *ACME, *parts]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Orders of acme.myshopify.com read from the files: 3.",
        "Orders that do not add up in the files, and are taken as their lines say: 1.",
        "  #1002: 1.00 EUR in the file, 52.60 by its lines",
        "Refunds of imported orders have no date: 23.80 EUR, in no day's returns until Shopify itself sends the "
        "orders. Orders that have some: 1.",
    ]


def test_orders_in_another_currency_are_named_and_taken_when_asked_for(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "orders_export_1.csv"
    path.write_bytes(file(first(), first(Name="#1002", Id="5000000000002", Currency="CHF")))
    assert admin.main(["import-orders", *ACME, str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Orders of acme.myshopify.com read from the files: 1.",
        "Orders in another currency than EUR, skipped: 1. To take them, import the files again with --any-currency.",
        "  #1002: CHF",
    ]
    assert admin.main(["import-orders", *ACME, "--any-currency", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == ["Orders of acme.myshopify.com read from the files: 2."]


def test_a_wrong_file_is_one_sentence_and_a_failure(
    cast: Cast, parts: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert admin.main(["import-orders", *ACME, parts[1]]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip().splitlines()[-1] == (
        "orders_export_2.csv, line 2, column “Id” is empty: the order #1001 begins in another file; import the files "
        "of the export together. Nothing was imported."
    )
    assert imports.recent(cast.acme.key)[0].state == "failed"


def test_who_may_only_look_may_not_import(
    cast: Cast, parts: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    viewer = ("--user", "bob@acme.example", "--shop", "acme.myshopify.com")
    assert admin.main(["import-orders", *viewer, *parts]) == 1
    assert "owner" in capsys.readouterr().err
    assert imports.recent(cast.acme.key) == ()
