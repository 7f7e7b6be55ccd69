"""The made-up shop's export has the shape of Shopify's."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from core.simulator import __main__ as command
from core.simulator.life.history import make_shop
from core.simulator.shop import orders_csv
from core.simulator.shop.shop import Shop, ShopSpec


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(ShopSpec(seed=2, customers=40, orders=150))


@pytest.fixture(scope="module")
def rows(shop: Shop) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    orders_csv.write(shop, out)
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline=""), strict=True))


def test_there_is_a_row_for_each_line_and_each_tip_of_the_real_orders(shop: Shop, rows: list[dict[str, str]]) -> None:
    real = [order for order in shop.orders.values() if not order.test]
    assert len(real) < len(shop.orders)
    assert len(rows) == sum(len(order.lines) for order in real)
    assert [row["Lineitem price"] for row in rows if row["Lineitem name"] == "Tip"] == [
        f"{order.tip:.2f}" for order in reversed(real) if order.tip
    ]
    assert [row["Id"] for row in rows if row["Id"]] == [str(order.order_id) for order in reversed(real)]


def test_the_order_s_columns_are_in_its_first_row_alone(rows: list[dict[str, str]]) -> None:
    later = [row for row in rows if not row["Id"]]
    assert later
    assert all(row["Name"] and row["Created at"] and row["Lineitem name"] for row in later)
    assert not any(row["Total"] or row["Currency"] or row["Tax 1 Value"] for row in later)


def test_amounts_have_their_cents_and_times_the_shops_offset(rows: list[dict[str, str]]) -> None:
    row = next(row for row in rows if row["Id"])
    assert row["Total"] == f"{Decimal(row['Total']):.2f}"
    assert row["Created at"][-5:] in ("+0100", "+0200")


def test_the_command_writes_the_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "orders.csv"
    assert command.main(["generate", "--csv", "--orders", "5", "--customers", "3", "--out", str(path)]) == 0
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(orders_csv.COLUMNS)
    assert "5 orders" in capsys.readouterr().err
