"""After a restart, even after a kill, the shop is as it was."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InvalidInput, NotFound
from core.simulator.http.live_shop import LiveShop
from core.simulator.http.simulator import Simulator
from core.simulator.life.context import Event
from core.simulator.life.events import apply
from core.simulator.life.journal import Journal
from core.simulator.shop.shop import RARE_ORDERS, ShopSpec
from core.simulator.shop.subscriptions import Subscriptions
from core.simulator.webhooks.export import write
from tests.core.simulator.clocks import Clock
from tests.core.simulator.small_shop import tiny_shop

SPEC = ShopSpec(customers=20, orders=40, rare_orders=RARE_ORDERS)


def state(live: LiveShop) -> str:
    out = io.StringIO()
    write(live.shop, out)
    return out.getvalue() + repr(live.subscriptions.by_id)


def busy_day(sim: Simulator, clock: Clock) -> None:
    """Trigger some of every kind of event."""
    live = sim.live_shop()
    live.trigger("subscribe", {"topic": "SHOP_UPDATE", "uri": "https://hooks.example.com/"})
    live.trigger("subscribe", {"topic": "APP_UNINSTALLED", "uri": "https://hooks.example.com/"})
    live.trigger("unsubscribe", {"subscription_id": next(iter(live.subscriptions.by_id))})
    orders = []
    for _ in range(12):
        clock.advance(minutes=7)
        orders.append(sim.sell())
    sim.refund(orders[0])
    live.trigger("refund", {"order_id": orders[1], "by_chance": True})
    sim.cancel(orders[2])
    sim.edit(orders[3])
    for kind, order_id in (("exchange", orders[4]), ("return", orders[5]), ("pay_back", orders[5])):
        live.trigger(kind, {"order_id": order_id})
    live.trigger("refund", {"order_id": orders[6], "pending": True, "same_second": True})
    live.trigger("sell", {"by_chance": True, "tip": "2.00", "processed_at": "2024-05-05T10:00:00+00:00"})
    live.trigger("currency", {"currency": "USD"})
    live.trigger("fulfil", {"order_id": orders[4]})
    live.trigger("new_customer")
    sim.update_customer(next(iter(live.shop.customers)), email="new@example.com")
    sim.update_product(next(iter(live.shop.products)))
    with pytest.raises(InvalidInput):
        sim.cancel(orders[2])
    sim.sell()


def test_a_restarted_shop_is_the_same_to_the_byte(tmp_path: Path, clock: Clock) -> None:
    journal = tmp_path / "deep" / "simulator.jsonl"
    first = Simulator([SPEC], clock=clock, journal=journal)
    busy_day(first, clock)
    first.stop()
    second = Simulator([SPEC], clock=clock, journal=journal)
    assert state(second.live_shop()) == state(first.live_shop())
    assert [subscription.topic for subscription in second.live_shop().subscriptions.by_id.values()] == [
        "APP_UNINSTALLED"
    ]
    second.stop()


def test_a_restarted_shop_continues_with_new_ids_and_new_randomness(tmp_path: Path, clock: Clock) -> None:
    journal = tmp_path / "simulator.jsonl"
    unbroken = Simulator([SPEC], clock=clock)
    broken = Simulator([SPEC], clock=clock, journal=journal)
    for sim in (unbroken, broken):
        sim.sell()
    broken.stop()
    broken = Simulator([SPEC], clock=clock, journal=journal)
    for sim in (unbroken, broken):
        sim.sell()
    assert state(broken.live_shop()) == state(unbroken.live_shop())
    broken.stop()


def test_a_line_cut_off_by_a_kill_is_removed(tmp_path: Path, clock: Clock) -> None:
    journal = tmp_path / "simulator.jsonl"
    first = Simulator([SPEC], clock=clock, journal=journal)
    first.sell()
    before = state(first.live_shop())
    first.sell()
    first.stop()
    journal.write_bytes(journal.read_bytes()[:-9])
    second = Simulator([SPEC], clock=clock, journal=journal)
    assert state(second.live_shop()) == before
    second.sell()
    second.stop()
    assert len(list(Journal(journal).entries())) == 3
    assert all(json.loads(line) for line in journal.read_text().splitlines())


def test_the_journal_s_spec_wins_over_a_later_one(tmp_path: Path, clock: Clock) -> None:
    journal = tmp_path / "simulator.jsonl"
    first = Simulator([SPEC], clock=clock, journal=journal)
    first.stop()
    second = Simulator([replace(SPEC, seed=9, orders=50)], clock=clock, journal=journal)
    assert state(second.live_shop()) == state(first.live_shop())
    second.stop()


def test_a_journal_from_before_there_were_assortments_is_of_home_goods() -> None:
    fields = SPEC.to_json()
    del fields["assortment"]
    assert ShopSpec.from_json(fields) == replace(SPEC, assortment="home goods")


def test_shops_share_a_journal_and_not_their_events(tmp_path: Path, clock: Clock) -> None:
    journal = tmp_path / "simulator.jsonl"
    specs = [SPEC, replace(SPEC, domain="other.myshopify.com")]
    first = Simulator(specs, clock=clock, journal=journal)
    first.sell("other.myshopify.com")
    first.stop()
    second = Simulator([SPEC], clock=clock, journal=journal)
    assert len(second.live_shop().shop.orders) == 40
    second.stop()
    third = Simulator(specs, clock=clock, journal=journal)
    assert len(third.live_shop("other.myshopify.com").shop.orders) == 41
    third.stop()


def test_without_a_journal_nothing_is_kept() -> None:
    journal = Journal(None)
    journal.append({"kind": "sell"})
    assert list(journal.entries()) == []


@pytest.mark.parametrize(
    ("kind", "args", "error"),
    [
        ("explode", {}, InvalidInput),
        ("refund", {"order_id": 5}, NotFound),
        ("cancel", {"order_id": "x"}, NotFound),
        ("edit", {}, NotFound),
        ("sell", {"lines": [[1, 1]]}, NotFound),
        ("sell", {"customer_id": 5}, NotFound),
        ("customer", {"customer_id": 5}, NotFound),
        ("product", {"product_id": 5}, NotFound),
    ],
)
def test_an_impossible_event_changes_nothing(
    clock: Clock, kind: str, args: dict[str, object], error: type[Exception]
) -> None:
    shop = tiny_shop()
    before = repr(shop), dict(shop.ids._counts)
    with pytest.raises(error):
        apply(shop, Subscriptions(shop.spec.domain), Event(kind, clock(), "1", args))
    assert (repr(shop), dict(shop.ids._counts)) == before
