"""`python -m core.simulator serve | generate`: the simulator alone, or a made-up shop as JSON or as an orders CSV."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core import logs
from core.config import DEMO_SHOP
from core.simulator.http.demo_shops import demo_shops
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.life.history import make_shop
from core.simulator.shop import orders_csv
from core.simulator.shop.shop import ShopSpec
from core.simulator.webhooks.export import summary, write


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the commands; returns the exit status."""
    args = _parser().parse_args(argv)
    return _serve(args) if args.command == "serve" else _generate(args)


def _serve(args: argparse.Namespace) -> int:
    """Serve until a signal arrives."""
    logs.configure("console")
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if args.demo:
        setups = demo_shops(datetime.now(UTC))
    else:
        setups = [Setup(_spec(args, domain)) for domain in args.shop or [DEMO_SHOP]]
    setups = [replace(setup, bucket_size=args.bucket, restore_rate=args.restore_rate) for setup in setups]
    simulator = Simulator(setups, port=args.port, journal=args.journal, pace=args.pace)
    try:
        simulator.start()
    except OSError:
        print(f"Port {args.port} is in use; stop what listens there or give another with --port", file=sys.stderr)
        return 1
    names = ", ".join(setup.spec.domain for setup in setups)
    print(f"The simulator serves {names} at {simulator.admin_url} (SHOPIFY_ADMIN_URL)", flush=True)
    stop.wait()
    simulator.stop()
    return 0


def _generate(args: argparse.Namespace) -> int:
    """Write a shop as JSON, or its orders like Shopify's export, and describe it on stderr."""
    shop = make_shop(_spec(args, DEMO_SHOP))
    write_shop = orders_csv.write if args.csv else write
    if args.out:
        with args.out.open("w", encoding="utf-8", newline="") as out:
            write_shop(shop, out)
    else:
        write_shop(shop, sys.stdout)
    print(summary(shop), file=sys.stderr)
    return 0


def _spec(args: argparse.Namespace, domain: str) -> ShopSpec:
    zone: ZoneInfo = args.time_zone
    return ShopSpec(
        seed=args.seed,
        customers=args.customers,
        orders=args.orders,
        until=args.until or datetime.now(UTC).astimezone(zone).date() - timedelta(days=1),
        days=args.days,
        time_zone=zone.key,
        currency=args.currency,
        taxes_included=args.taxes_included,
        domain=domain,
    )


def _parser() -> argparse.ArgumentParser:
    shape = argparse.ArgumentParser(add_help=False)
    shape.add_argument("--seed", type=int, default=1, help="the same seed makes the same shop (default 1)")
    shape.add_argument("--customers", type=_positive, default=100, help="number of customers (default 100)")
    shape.add_argument(
        "--orders", type=_positive, default=300, help="number of orders, test orders included (default 300)"
    )
    shape.add_argument("--until", type=date.fromisoformat, help="the last day, YYYY-MM-DD (default yesterday)")
    shape.add_argument("--days", type=_positive, default=730, help="days of history (default 730)")
    shape.add_argument("--time-zone", type=_zone, default=ZoneInfo("Europe/Berlin"), help="default Europe/Berlin")
    shape.add_argument("--currency", default="EUR", help="default EUR")
    shape.add_argument("--taxes-included", action="store_true", help="prices contain tax")
    parser = argparse.ArgumentParser(prog="python -m core.simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", parents=[shape], help="serve a local Shopify on 127.0.0.1")
    serve.add_argument("--port", type=int, default=8503, help="default 8503; 0 takes a free one")
    which = serve.add_mutually_exclusive_group()
    which.add_argument("--shop", action="append", help=f"a shop's domain, repeatable (default {DEMO_SHOP})")
    which.add_argument("--demo", action="store_true", help="the demo's two shops, whose shapes are fixed")
    serve.add_argument(
        "--pace", type=float, help="seconds between random events in each shop, on average (default: none)"
    )
    serve.add_argument("--bucket", type=_positive, default=2000, help="cost points in the full bucket (default 2000)")
    serve.add_argument("--restore-rate", type=_positive, default=100, help="points restored a second (default 100)")
    serve.add_argument("--journal", type=Path, help="the file of events, which is replayed at start")
    generate = commands.add_parser("generate", parents=[shape], help="write a made-up shop as JSON")
    generate.add_argument("--csv", action="store_true", help="only the orders, in the format of Shopify's export")
    generate.add_argument("--out", type=Path, help="the file to write (default: standard output)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(f"{text} is no time zone; give one such as Europe/Berlin") from None


if __name__ == "__main__":
    sys.exit(main())
