"""`python -m core.simulator`: a shop in a file, or a Shopify on the own machine."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from core.config import DEMO_TOKENS
from core.simulator.__main__ import main

SHAPE = ["--customers", "20", "--orders", "60", "--until", "2026-11-20"]


def test_generate_writes_the_shop_and_says_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "shop.json"
    assert main(["generate", *SHAPE, "--out", str(out)]) == 0
    shop = json.loads(out.read_text(), parse_float=Decimal)
    assert (len(shop["customers"]), len(shop["orders"])) == (20, 60)
    output = capsys.readouterr()
    assert output.out == ""
    line = (
        f"60 orders, 20 customers, {len(shop['products'])} products, total sales {shop['truth']['total_sales']} EUR"
    )
    assert line in output.err
    assert output.err.count("\n") == 1


def test_generate_without_a_file_writes_json_only_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", *SHAPE, "--currency", "JPY", "--taxes-included"])
    shop = json.loads(capsys.readouterr().out)
    assert (shop["shop"]["currency"], shop["shop"]["taxes_included"]) == ("JPY", True)
    currencies = Counter(order["currency"] for order in shop["orders"])
    assert currencies.keys() == {"JPY", "KRW"}, "the latter is the shop's former one"
    assert currencies["JPY"] > 50


def test_the_true_totals_in_the_file_are_those_of_its_orders(tmp_path: Path) -> None:
    out = tmp_path / "shop.json"
    main(["generate", *SHAPE, "--out", str(out)])
    shop = json.loads(out.read_text())
    currency = shop["truth"]["currency"]
    real = [order for order in shop["orders"] if not order["test"] and order["currency"] == currency]
    assert shop["truth"]["orders"] == len(real)
    # Of an order that nothing happened to, sales are its total without tip and gift cards; some are refunded.
    placed = sum(Decimal(order["total_price"]) - Decimal(order["total_tip_received"]) for order in real)
    assert Decimal(shop["truth"]["total_sales"]) <= placed


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [("--orders", "0", "at least 1"), ("--time-zone", "Mars/Base", "no time zone"), ("--until", "soon", "invalid")],
)
def test_a_wrong_option_is_explained(
    option: str, value: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["generate", option, value])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_serves_every_requested_shop_and_ends_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    journal = tmp_path / "journal.jsonl"
    shops = ["--shop", "one.myshopify.com", "--shop", "two.myshopify.com"]
    command = [
        sys.executable,
        "-m",
        "core.simulator",
        "serve",
        "--port",
        "0",
        "--journal",
        str(journal),
        *shops,
        *SHAPE,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONWARNINGS": "error"}
    ) as it:
        assert it.stdout
        line = it.stdout.readline()
        match = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert match, line
        health = requests.get(match[0] + "/simulator/health", timeout=10).json()
        assert health["shops"] == ["one.myshopify.com", "two.myshopify.com"]
        requests.post(match[0] + "/simulator/two.myshopify.com/sell", json={}, timeout=10)
        it.send_signal(number)
        assert it.wait(timeout=20) == 0
    assert [json.loads(line)["shop"] for line in journal.read_text().splitlines()][-1] == "two.myshopify.com"


def test_the_demo_s_shops_are_served_by_one_process() -> None:
    command = [sys.executable, "-m", "core.simulator", "serve", "--port", "0", "--demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout
        line = it.stdout.readline()
        it.send_signal(signal.SIGTERM)
        assert it.wait(timeout=20) == 0
    assert f"The simulator serves {', '.join(DEMO_TOKENS)} at" in line


def test_the_demo_s_shops_and_other_ones_are_not_served_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--demo", "--shop", "one.myshopify.com"])
    assert "not allowed with" in capsys.readouterr().err


def test_a_port_in_use_is_one_clear_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), *SHAPE]) == 1
    message = capsys.readouterr().err
    assert message == f"Port {port} is in use; stop what listens there or give another with --port\n"
