"""One simulated order's life by every path that leads in: whatever comes first, and however often, the last whole
version that the API gave stands."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import ingest
from core.config import DEMO_SHOP, DEMO_TOKEN
from core.database import tenant_session
from core.domain import Deleted, Kind, Order, Record
from core.shopify import bulk, mapping, pages
from core.shopify import orders_csv as files
from core.shopify.client import ShopifyClient
from core.simulator.http.live_shop import Setup
from core.simulator.http.simulator import Simulator
from core.simulator.shop import orders_csv
from core.simulator.shop.shop import Shop, ShopSpec
from core.simulator.webhooks.order_bodies import order_body
from core.simulator.webhooks.refund_bodies import refund_body
from core.simulator.webhooks.topics import encode_body
from tests.cast import NOW, Business, Cast
from tests.stored import ledger

BOUNDED = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
SOLD_AT = datetime(2026, 11, 1, 22, 30, tzinfo=UTC)
AN_HOUR_AGO = NOW - timedelta(hours=1)
AT_ONCE, ROW_BY_ROW = 1, 10_000
"""From how many rows on they are written by COPY."""
COPY_FROM = st.sampled_from([AT_ONCE, ROW_BY_ROW])


@dataclass(frozen=True, slots=True)
class Life:
    """The versions of one order, the oldest first, and last the API's whole version."""

    versions: tuple[tuple[str, Record], ...]
    """By the path and the stage, such as "bulk, refunded"."""
    last: Order


@pytest.fixture(scope="module", params=[False, True], ids=["prices without tax", "prices with tax"])
def life(request: pytest.FixtureRequest) -> Iterator[Life]:
    spec = ShopSpec(seed=5, customers=5, orders=5, taxes_included=request.param)
    with Simulator([Setup(spec, restore_rate=1_000_000)]).running() as simulator:
        client = ShopifyClient(DEMO_SHOP, DEMO_TOKEN, admin_url=simulator.admin_url)
        versions = tuple(_live(simulator, client))
        last = versions[-1][1]
        assert isinstance(last, Order)
        yield Life(versions, last)
        client.close()


def _live(simulator: Simulator, client: ShopifyClient) -> Iterator[tuple[str, Record]]:
    """An order is sold, edited, given back in part and cancelled; after each stage every path has its version."""
    variants = [each.variants[0].variant_id for each in list(simulator.live_shop().shop.products.values())[:2]]
    picks = [(variant_id, 3) for variant_id in variants]
    order_id = simulator.sell(at=SOLD_AT, lines=picks)
    line_id = simulator.live_shop().shop.orders[order_id].lines[0].line_id
    stages: tuple[tuple[str, Any], ...] = (
        ("sold", lambda _: None),
        ("edited", lambda at: simulator.edit(order_id, at=at, variant_id=variants[1], quantity=1)),
        ("refunded", lambda at: simulator.refund(order_id, at=at, units={str(line_id): 1})),
        ("cancelled", lambda at: simulator.cancel(order_id, at=at)),
    )
    for day, (stage, happen) in enumerate(stages):
        happen(SOLD_AT + timedelta(days=day))
        for path, record in _versions(simulator.live_shop().shop, client, order_id):
            yield f"{path}, {stage}", record


def _versions(shop: Shop, client: ShopifyClient, order_id: int) -> Iterator[tuple[str, Record]]:
    made = shop.orders[order_id]
    for number, refund in enumerate(made.refunds, 1):
        yield f"webhook of refund {number}", _delivered("refunds/create", refund_body(shop, made, refund))
    yield "webhook", _delivered("orders/updated", order_body(shop, made))
    yield "file", _exported(shop, order_id)
    yield "bulk", _collected(client, order_id)
    yield "page", _only(pages.orders_page(client, "", None, 50).records, order_id)
    yield "whole", _only(pages.orders_by_ids(client, [order_id]), order_id)


def _delivered(topic: str, body: Any) -> Record:
    (record,) = mapping.from_webhook(topic, encode_body(body), NOW)
    return record


def _exported(shop: Shop, order_id: int) -> Order:
    out = io.StringIO(newline="")
    orders_csv.write(shop, out, [shop.orders[order_id]])
    lines = (f"{line}\n".encode() for line in out.getvalue().splitlines())
    (raw,) = files.orders_in([("orders_export.csv", lines)])
    return files.to_order(raw).order


def _collected(client: ShopifyClient, order_id: int) -> Order:
    started = bulk.start(client, "orders", "")
    operation = bulk.poll(client, started or "")
    assert operation is not None
    assert operation.is_completed
    with bulk.open_result(client, operation, "orders") as found:
        return _only((each.record for each in found), order_id)


def _only(records: Iterable[Any], order_id: int) -> Order:
    (order,) = [each for each in records if isinstance(each, Order) and each.order_id == order_id]
    return order


def write(business: Business, records: Iterable[Record], copy_from: int) -> None:
    with tenant_session(business.tenant_id) as session:
        ingest.write(session, business.key, records, NOW, copy_from=copy_from)


def forget(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DELETE FROM orders; DELETE FROM refunds; DELETE FROM deletions")


def test_every_path_has_every_stage(life: Life) -> None:
    names = [name for name, _ in life.versions]
    for path in ("webhook", "file", "bulk", "page", "whole"):
        assert [name for name in names if name.startswith(f"{path},")] == [
            f"{path}, {stage}" for stage in ("sold", "edited", "refunded", "cancelled")
        ]
    assert "webhook of refund 2, cancelled" in names
    assert len(set(names)) == len(names)
    assert life.last.cancelled_at is not None
    assert life.last.agreements


@BOUNDED
@given(data=st.data())
def test_after_the_apis_last_version_the_rows_are_its_in_any_order_of_arrival(
    cast: Cast, database_url: str, life: Life, data: st.DataObject
) -> None:
    """Any versions by any paths, before it and after, repeated, in batches of any size, by COPY or row by row."""
    forget(database_url)
    write(cast.acme, [life.last], ROW_BY_ROW)
    expected = ledger(cast.acme)

    names = [name for name, _ in life.versions]
    # Every other one is of the last stage, whose versions are as old as each other.
    version = st.sampled_from(names) | st.sampled_from([name for name in names if name.endswith("cancelled")])
    arrivals = data.draw(st.lists(version, max_size=10), label="arrivals")
    arrivals.insert(data.draw(st.integers(0, len(arrivals)), label="place of the last"), names[-1])
    cuts = sorted(data.draw(st.sets(st.integers(0, len(arrivals)), max_size=4), label="cuts") | {0, len(arrivals)})
    records = dict(life.versions)
    forget(database_url)
    for start, end in pairwise(cuts):
        write(
            cast.acme,
            [records[name] for name in arrivals[start:end]],
            data.draw(COPY_FROM, label="copy from"),
        )

    assert ledger(cast.acme) == expected


@BOUNDED
@given(data=st.data())
def test_any_order_and_repetition_of_versions_give_the_same_rows(
    cast: Cast, database_url: str, life: Life, data: st.DataObject
) -> None:
    """Without the last one, too: a store may have heard by webhook or file alone."""
    names = [name for name, _ in life.versions]
    arrivals = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=5), label="arrivals")
    shuffled = data.draw(st.permutations(arrivals * 2), label="shuffled")
    records = dict(life.versions)
    forget(database_url)
    write(cast.acme, [records[name] for name in sorted(set(arrivals), key=names.index)], ROW_BY_ROW)
    expected = ledger(cast.acme)

    forget(database_url)
    for name in shuffled:
        write(cast.acme, [records[name]], data.draw(COPY_FROM, label="copy from"))

    assert ledger(cast.acme) == expected


@BOUNDED
@given(data=st.data())
def test_only_the_apis_next_version_restores_a_record_whose_deletion_was_inferred(
    cast: Cast, database_url: str, life: Life, data: st.DataObject
) -> None:
    forget(database_url)
    write(cast.acme, [life.last], ROW_BY_ROW)
    expected = ledger(cast.acme)

    names = [name for name, _ in life.versions]
    late = [name for name in names if name.startswith(("webhook", "file"))]
    records = dict(life.versions)
    forget(database_url)
    for name in data.draw(st.lists(st.sampled_from(names), max_size=5), label="told before"):
        write(cast.acme, [records[name]], data.draw(COPY_FROM, label="copy from"))
    write(cast.acme, [Deleted(Kind.ORDER, life.last.order_id, AN_HOUR_AGO, is_inferred=True)], ROW_BY_ROW)
    for name in data.draw(st.lists(st.sampled_from(late), max_size=5), label="told late"):
        write(cast.acme, [records[name]], data.draw(COPY_FROM, label="copy from"))
    assert ledger(cast.acme)["sales"] == []

    write(cast.acme, [life.last], data.draw(COPY_FROM, label="copy from"))
    assert ledger(cast.acme) == expected


@BOUNDED
@given(data=st.data())
def test_a_confirmed_deletion_sells_nothing_in_any_order_of_arrival(
    cast: Cast, database_url: str, life: Life, data: st.DataObject
) -> None:
    order_id = life.last.order_id
    inferred = Deleted(Kind.ORDER, order_id, AN_HOUR_AGO, is_inferred=True)
    records = dict(life.versions) | {"inferred": inferred}
    arrivals = data.draw(st.lists(st.sampled_from(list(records)), max_size=8), label="arrivals")
    place = data.draw(st.integers(0, len(arrivals)), label="place of the deletion")
    forget(database_url)
    for record in (*(records[name] for name in arrivals[:place]), Deleted(Kind.ORDER, order_id, NOW)):
        write(cast.acme, [record], data.draw(COPY_FROM, label="copy from"))
    for name in arrivals[place:]:
        write(cast.acme, [records[name]], data.draw(COPY_FROM, label="copy from"))

    assert ledger(cast.acme)["sales"] == []
    assert all(row["deleted_at"] is not None for row in ledger(cast.acme)["orders"])
