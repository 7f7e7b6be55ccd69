"""Do eight busy dashboards slow down another tenant's webhooks? `make bench-neighbours`.

Eight threads with the dashboard's own pool run Overview's queries without a pause, over two years of a store with
100,000 orders. Meanwhile another tenant's orders arrive at the receiver, 20 a second, and a worker applies them. For
comparison, the same without dashboards. DATABASE_URL as for the other benchmarks. The last line is JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import psycopg

from core.database import StoreKey, system_session, tenant_session
from core.database.models import StoreRoute
from core.domain.periods import Period
from core.metrics import Scope
from core.metrics.customers import listing as customers
from core.metrics.products import listing as products
from core.metrics.sales import overview
from tests.bench.sending import send
from tests.bench.webhooks import WARMING, bench_installation, delivery, running, serving, worker
from tests.end_to_end.processes import wait_until

ORDERS = 100_000
DASHBOARDS = 8
SECONDS = 30
PER_SECOND = 20
TWO_YEARS = Period(date(2024, 11, 21), date(2026, 11, 20), ZoneInfo("UTC"))
HEAVY = "globex.myshopify.com"


def main() -> int:
    with bench_installation() as (url, shop, secret):
        _fill(url)
        with serving("webhook_receiver") as port, worker():
            alone = _measure(url, port, shop, secret)
            with TemporaryDirectory() as folder:
                rate_file = Path(folder, "looked")
                with running([sys.executable, "-m", "tests.bench.neighbours", "look", str(rate_file)]):
                    wait_until(rate_file.exists, "the dashboards query")
                    beside = _measure(url, port, shop, secret)
                    beside["looks_per_second"] = float(rate_file.read_text())
    print(f"without dashboards:     {alone}")
    print(f"beside {DASHBOARDS} dashboards:    {beside}")
    print(json.dumps({"bench": "neighbours", "alone": alone, "beside_dashboards": beside}))
    return 0


def _fill(url: str) -> None:
    """Insert a store with many orders of two lines each, over two years, by SQL."""
    with psycopg.connect(url, autocommit=True) as owner:
        store = owner.execute("SELECT tenant_id, store_id FROM stores WHERE shop_domain = %s", [HEAVY]).fetchone()
        assert store is not None
        for statement in (_CUSTOMERS, _ORDERS, _LINES, _SALES):
            owner.execute(statement, {"tenant": store[0], "store": store[1], "orders": ORDERS})
            owner.execute("ANALYZE")


_CUSTOMERS = """
    INSERT INTO customers (tenant_id, store_id, customer_id, first_name, updated_at, source)
    SELECT %(tenant)s, %(store)s, n, 'Customer ' || n, '2026-11-20', 'api'
    FROM generate_series(1, %(orders)s::int / 5) n
"""
_ORDERS = """
    INSERT INTO orders (
        tenant_id, store_id, order_id, name, test, created_at, processed_at, business_date, updated_at, customer_id,
        customer_key, discount_codes, taxes_included, currency, total, source
    )
    SELECT %(tenant)s, %(store)s, n, '#' || n, false, at, at, at::date, at, n %% (%(orders)s / 5) + 1,
           'c:' || n %% (%(orders)s / 5) + 1, '{}', false, 'USD', 21.42, 'api'
    FROM generate_series(1, %(orders)s) n,
         LATERAL (SELECT timestamptz '2026-11-20 12:00Z' - n * interval '730 days' / %(orders)s) t (at)
"""
_LINES = """
    INSERT INTO line_items (
        tenant_id, store_id, order_id, line_item_id, position, product_id, title, quantity, unit_price, discount,
        taxes, is_gift_card, currency
    )
    SELECT tenant_id, store_id, order_id, order_id * 2 + l, l, (order_id + l) %% 300, 'Thing',
           1, 10, 1, '[]', false, currency
    FROM orders, generate_series(0, 1) l WHERE tenant_id = %(tenant)s AND store_id = %(store)s AND %(orders)s > 0
"""
_SALES = """
    INSERT INTO sales (
        tenant_id, store_id, order_id, sale_no, happened_at, business_date, reason, action, line_type, line_item_id,
        product_id, quantity, net, discount, tax, currency
    )
    SELECT o.tenant_id, o.store_id, o.order_id, l.position, o.processed_at, o.business_date, 'order', 'order',
           'product', l.line_item_id, l.product_id, 1, 9, 1, 1.71, o.currency
    FROM orders o JOIN line_items l USING (tenant_id, store_id, order_id)
    WHERE o.tenant_id = %(tenant)s AND o.store_id = %(store)s AND %(orders)s > 0
"""


def _measure(url: str, port: int, shop: str, secret: str) -> dict[str, float]:
    deliveries = [delivery(shop, secret, number) for number in range(WARMING + SECONDS * PER_SECOND)]
    send(port, deliveries[:WARMING], DASHBOARDS, PER_SECOND)
    began = time.time()
    acknowledged = send(port, deliveries[WARMING:], 100, PER_SECOND)
    with psycopg.connect(url, autocommit=True) as owner:
        pending = "SELECT EXISTS (SELECT FROM deliveries WHERE state = 'pending')"
        wait_until(lambda: owner.execute(pending).fetchone() == (False,), "all are applied", seconds=120)
        applied = owner.execute(_DELAYS, [began]).fetchone()
    assert applied is not None
    return {
        **{f"acknowledged_p{share}_ms": round(acknowledged.percentile(share), 1) for share in (50, 95, 99)},
        **{f"applied_p{share}_ms": round(ms, 1) for share, ms in zip((50, 95, 99), applied[0], strict=True)},
    }


_DELAYS = """
    SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99])
           WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM applied_at - received_at)::float8)
    FROM deliveries WHERE received_at >= to_timestamp(%s)
"""


def look(rate_file: Path) -> None:
    """Query without end, in DASHBOARDS threads; writes the rounds a second to `rate_file`."""
    with system_session() as session:
        route = session.get(StoreRoute, HEAVY)
        assert route is not None
        scope = Scope(StoreKey(route.tenant_id, route.store_id))
    looks = [0] * DASHBOARDS
    threads = [threading.Thread(target=_look, args=(scope, looks, n), daemon=True) for n in range(DASHBOARDS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    while True:
        time.sleep(1)
        if sum(looks) >= DASHBOARDS:
            rate_file.write_text(f"{sum(looks) / (time.monotonic() - began):.2f}")


def _look(scope: Scope, looks: list[int], number: int) -> None:
    while True:
        with tenant_session(scope.store.tenant_id) as session:
            overview.report(session, scope, TWO_YEARS, TWO_YEARS.grain)
        with tenant_session(scope.store.tenant_id) as session:
            products.sales_by_product(session, scope, TWO_YEARS, 8)
        with tenant_session(scope.store.tenant_id) as session:
            customers.buyers(session, scope, TWO_YEARS, limit=8)
        looks[number] += 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["look"]:
        look(Path(sys.argv[2]))
    sys.exit(main())
