"""What became of checkouts: each has one state, rates count those older than the delay, and an order ends its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.accounts import Actor
from core.connections.delays import save_delay
from core.database import StoreKey, tenant_session
from core.domain import Checkout, Deleted, Kind
from core.domain.checkouts import DELAYS, CheckoutState
from core.domain.periods import Grain
from core.errors import InvalidInput, NotAllowed, StoreNotFound
from core.ingest import redaction
from core.metrics import Scope
from core.metrics.checkouts.listing import CheckoutKey, checkout_details, checkout_list, count_checkouts
from core.metrics.checkouts.report import Aging, Checkouts, checkouts, checkouts_over_time
from core.metrics.sorting import Sort
from core.stores import find
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AGING = Aging(HOUR, NOW)
DAYS = ("2026-11-20", "2026-11-21")
PATH = "/1/checkouts/ac/t2/recover?key=abc"


def begun(checkout_id: int, at: datetime, **changes: Any) -> Checkout:
    fields = {"created_at": at, "updated_at": at, "token": f"t{checkout_id}"} | changes
    return made.checkout(checkout_id, **fields)


@pytest.fixture
def shop(acme: Shop) -> Shop:
    """Yesterday: 1 completed after 5 minutes, 2 abandoned, 3 recovered after two hours by order 3. Today: 4 pending.
    Order 5 came from a checkout that nobody sent."""
    yesterday = NOW - timedelta(days=1)
    acme.receive(
        made.product(),
        made.customer(7, email="ann@example.com", first_name="Ann", last_name="Lee"),
        begun(1, yesterday, completed_at=yesterday + 5 * MINUTE),
        begun(2, yesterday, customer_id=7, recovery_path=PATH),
        begun(3, yesterday),
        begun(4, NOW - 20 * MINUTE),
        placed(3, yesterday + 2 * HOUR, checkout_token="t3", refunds=(made.refund(31, 3, yesterday + 3 * HOUR),)),
        placed(5, yesterday, checkout_token="t5"),
    )
    return acme


def placed(order_id: int, at: datetime, **changes: Any) -> Any:
    fields = {"name": f"#{order_id}", "created_at": at, "processed_at": at, "updated_at": NOW} | changes
    return made.order(order_id=order_id, **fields)


def test_each_checkout_has_one_state_and_an_order_ends_its_own(shop: Shop) -> None:
    found = shop.ask(checkouts, shop.days(*DAYS), AGING)
    assert found == Checkouts(
        checkouts_completed=2,
        checkouts_recovered=1,
        checkouts_abandoned=1,
        checkouts_pending=1,
        checkouts_young=1,
        abandoned_value=Decimal("41.65"),
        recovered_value=Decimal("20.00"),
        recovered_without_order=0,
    )
    assert found.checkouts_started == 5
    assert found.abandonment_rate == Decimal("0.5"), "two of the four that are old enough"
    assert found.recovery_rate == Decimal("0.5")


def test_another_delay_moves_checkouts_between_states_without_a_recount(shop: Shop) -> None:
    found = shop.ask(checkouts, shop.days(*DAYS), Aging(3 * HOUR, NOW))
    assert (found.checkouts_completed, found.checkouts_recovered, found.checkouts_abandoned) == (3, 0, 1)
    assert shop.ask(checkouts, shop.days(*DAYS), Aging(10 * MINUTE, NOW)).checkouts_abandoned == 2


def test_a_completion_at_the_very_end_of_the_delay_is_a_recovery(acme: Shop) -> None:
    start = NOW - timedelta(days=2)
    acme.receive(
        begun(1, start, completed_at=start + HOUR), begun(2, start, completed_at=start + HOUR - timedelta(seconds=1))
    )
    found = acme.ask(checkouts, acme.days("2026-11-19"), AGING)
    assert (found.checkouts_recovered, found.checkouts_completed) == (1, 1)
    assert found.recovered_without_order == 1


def test_a_cut_day_counts_what_began_before_the_cut(shop: Shop) -> None:
    cut = shop.days("2026-11-20", until=NOW - timedelta(days=1, minutes=1))
    assert shop.ask(checkouts, cut, AGING).checkouts_started == 0
    cut = shop.days(*DAYS, until=NOW)
    assert shop.ask(checkouts, cut, AGING) == shop.ask(checkouts, shop.days(*DAYS), AGING)


def test_without_checkouts_rates_are_blank(acme: Shop) -> None:
    found = acme.ask(checkouts, acme.days(*DAYS), AGING)
    assert (found.checkouts_started, found.abandonment_rate, found.recovery_rate) == (0, None, None)


def test_the_points_add_up_to_the_whole(shop: Shop) -> None:
    period = shop.days("2026-11-19", "2026-11-21")
    points = shop.ask(checkouts_over_time, period, AGING, period.points(Grain.DAY))
    assert [point.checkouts_started for point in points] == [0, 4, 1]
    assert [point.checkouts_pending for point in points] == [0, 0, 1]
    assert [point.checkouts_young for point in points] == [0, 0, 1]


def test_the_order_of_events_changes_nothing(acme: Shop) -> None:
    at = NOW - timedelta(days=1)
    acme.receive(placed(3, at + 2 * HOUR, checkout_token="t3"))
    acme.receive(begun(3, at))
    assert acme.ask(checkouts, acme.days(*DAYS), AGING).recovered_value == 40
    acme.receive(made.refund(31, 3, at + 3 * HOUR))
    found = acme.ask(checkouts, acme.days(*DAYS), AGING)
    assert (found.checkouts_started, found.checkouts_recovered, found.recovered_value) == (1, 1, 20)
    acme.receive(Deleted(Kind.ORDER, 3, NOW))
    found = acme.ask(checkouts, acme.days(*DAYS), AGING)
    assert (found.checkouts_abandoned, found.checkouts_recovered, found.recovered_value) == (1, 0, 0)
    acme.receive(Deleted(Kind.CHECKOUT, 3, NOW))
    assert acme.ask(checkouts, acme.days(*DAYS), AGING).checkouts_started == 0


def test_tills_and_drafts_count_as_no_checkout(acme: Shop) -> None:
    at = NOW - timedelta(days=1)
    acme.receive(
        placed(1, at, checkout_token="p", source_name="pos"),
        placed(2, at, checkout_token="d", source_name="shopify_draft_order"),
        placed(3, at),
        placed(4, at, checkout_token="x", test=True),
    )
    assert acme.ask(checkouts, acme.days(*DAYS), AGING).checkouts_started == 0


def test_the_list_has_status_customer_items_and_order(shop: Shop) -> None:
    rows = shop.ask(checkout_list, shop.days(*DAYS), AGING)
    assert [(row.checkout_id, row.state) for row in rows] == [
        (4, CheckoutState.PENDING),
        (3, CheckoutState.RECOVERED),
        (2, CheckoutState.ABANDONED),
        (1, CheckoutState.COMPLETED),
    ]
    recovered, abandoned = rows[1], rows[2]
    assert (recovered.order_name, recovered.order_net, recovered.ended_at) == ("#3", 20, NOW - 22 * HOUR)
    assert (abandoned.customer, abandoned.email, abandoned.items, abandoned.units) == (
        "Ann Lee",
        "ann@example.com",
        "Shirt · M × 2",
        2,
    )


def test_the_list_is_narrowed_and_counted_alike(shop: Shop) -> None:
    period = shop.days(*DAYS)
    for state, search, ids in (
        ("", "", [4, 3, 2, 1]),
        ("abandoned", "", [2]),
        ("pending", "", [4]),
        ("recovered", "", [3]),
        ("completed", "", [1]),
        ("", "ANN", [2]),
        ("", "lee", [2]),
        ("", "%", []),
        ("completed", "ann", []),
    ):
        rows = shop.ask(checkout_list, period, AGING, state, search)
        assert [row.checkout_id for row in rows] == ids, (state, search)
        assert shop.ask(count_checkouts, period, AGING, state, search) == len(ids)
    by_total = shop.ask(checkout_list, period, AGING, limit=1, sort=Sort(CheckoutKey.TOTAL))
    assert len(by_total) == 1


def test_a_checkout_opens_with_its_lines_and_its_recovery_link(shop: Shop) -> None:
    found = shop.ask(checkout_details, AGING, 2)
    assert found is not None
    assert (found.recovery_path, found.is_customer_withheld) == (PATH, False)
    (line,) = found.lines
    assert (line.title, line.variant, line.quantity, line.total, line.product_id) == ("Shirt", "M", 2, 35, 7)
    assert shop.ask(checkout_details, AGING, 99) is None


def test_an_erased_customer_leaves_no_recovery_link(shop: Shop) -> None:
    with tenant_session(shop.business.tenant_id) as session:
        redaction.blank(session, shop.business.key, [7], [])
    found = shop.ask(checkout_details, AGING, 2)
    assert found is not None
    assert found.recovery_path is None


def test_a_deleted_customer_leaves_no_recovery_link(shop: Shop) -> None:
    shop.receive(Deleted(Kind.CUSTOMER, 7, NOW))
    found = shop.ask(checkout_details, AGING, 2)
    assert found is not None
    assert (found.recovery_path, found.row.customer) == (None, None)


def test_only_an_owner_sets_the_delay_and_only_an_offered_one(shop: Shop, cast: Cast) -> None:
    store = shop.business.key
    owner = Actor(cast.alice.user_id, cast.alice.tenant_id)
    save_delay(owner, store, DELAYS[0])
    assert find(store).abandoned_delay == DELAYS[0]
    with pytest.raises(InvalidInput):
        save_delay(owner, store, 7 * MINUTE)
    with pytest.raises(StoreNotFound):
        save_delay(Actor(cast.charlie.user_id, cast.charlie.tenant_id), store, DELAYS[1])
    with pytest.raises(NotAllowed):
        save_delay(Actor(cast.bob.user_id, cast.bob.tenant_id), store, DELAYS[1])
    assert find(store).abandoned_delay == DELAYS[0]


def test_the_offered_delays_are_those_of_the_kept_sums(shop: Shop) -> None:
    start = NOW - timedelta(days=3)
    shop.receive(*(begun(100 + n, start, completed_at=start + delay) for n, delay in enumerate(DELAYS)))
    with tenant_session(shop.business.tenant_id) as session:
        rows = session.execute(
            text("SELECT ended_after FROM checkouts WHERE checkout_id >= 100 ORDER BY checkout_id")
        )
        assert list(rows.scalars()) == list(range(1, len(DELAYS) + 1))


def test_another_business_gets_nothing(shop: Shop, cast: Cast) -> None:
    period = shop.days(*DAYS)
    foreign = Scope(StoreKey(cast.charlie.tenant_id, shop.scope.store.store_id))
    with tenant_session(cast.charlie.tenant_id) as session:
        assert checkouts(session, foreign, period, AGING).checkouts_started == 0
        assert checkout_list(session, foreign, period, AGING) == ()
        assert count_checkouts(session, foreign, period, AGING) == 0
        assert checkout_details(session, foreign, AGING, 2) is None
