"""The Simulator page: in the demo, for owners; it makes the shop sell and misbehave, and compares the figures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from core.config import settings
from core.demo import simulator_client
from core.errors import NotAllowed, NotFound
from core.simulator.http.faults import Faults
from core.simulator.http.simulator import Simulator
from core.simulator.shop.shop import ShopSpec
from dashboard.parts.simulator import faults
from tests.cast import Cast, Person, add_store
from tests.core.conftest import connected, shopify, simulator
from tests.core.sync.syncing import ask, work
from tests.dashboard.pages import open_page, page_text, tables

__all__ = ["connected", "shopify", "simulator"]


@pytest.fixture
def coast(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A simulator of two small shops, which are both Acme's: the second sells in dollars."""
    shape = ShopSpec(customers=5, orders=12, until=datetime.now(UTC).date() - timedelta(days=1), days=60)
    acme = replace(shape, domain=cast.acme.shop_domain, name="Acme")
    second = replace(shape, domain="acme-coast.myshopify.com", currency="USD", time_zone="America/Los_Angeles")
    add_store(cast.alice.tenant_id, "Acme Coast", second.domain, "USD", "America/Los_Angeles")
    with Simulator([acme, second]).running() as running:
        monkeypatch.setenv("SHOPIFY_ADMIN_URL", running.admin_url)
        settings.cache_clear()
        yield running
    monkeypatch.undo()
    settings.cache_clear()


def page(person: Person) -> AppTest:
    app = open_page(person, "simulator")
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def set_(app: AppTest, **sliders: float) -> AppTest:
    """Move sliders, by label, and press Set."""
    for label, value in sliders.items():
        (slider,) = [slider for slider in app.slider if slider.label == label.replace("_", " ")]
        slider.set_value(value)
    (button,) = [button for button in app.button if button.label == "Set"]
    button.click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("https://{shop}", None),
        ("https://proxy.example.com/{shop}", None),
        ("https://localhost/{shop}", None),
        ("http://127.0.0.1:8503/{shop}", "http://127.0.0.1:8503"),
        ("http://localhost:8503/{shop}", "http://localhost:8503"),
    ],
)
def test_the_simulator_is_only_ever_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, template: str, address: str | None
) -> None:
    monkeypatch.setenv("SHOPIFY_ADMIN_URL", template)
    settings.cache_clear()
    assert settings().simulator_url == address
    monkeypatch.undo()
    settings.cache_clear()


def test_with_the_real_shopify_there_is_no_such_page_and_nothing_that_it_could_do(cast: Cast) -> None:
    app = open_page(cast.alice)
    assert settings().simulator_url is None
    with pytest.raises(ValueError, match="simulator"):
        app.switch_page("app_pages/simulator.py").run()
    for act in (
        simulator_client.fault_status,
        simulator_client.clear_faults,
        lambda *text: simulator_client.trigger_event(*text, "sell"),
    ):
        with pytest.raises(NotFound, match="only the demo has a simulator"):
            act(cast.alice.actor, cast.acme.store_id)


def test_a_user_who_is_no_owner_sees_no_such_page_and_is_refused(connected: Cast, shopify: Simulator) -> None:
    with pytest.raises(ValueError, match="simulator"):
        open_page(connected.bob).switch_page("app_pages/simulator.py").run()
    with pytest.raises(NotAllowed):
        simulator_client.set_faults(connected.bob.actor, connected.acme.store_id, webhook_loss=1)
    assert shopify.live_shop().faults.settings.webhook_loss == 0


def test_the_store_of_another_business_is_not_there(connected: Cast) -> None:
    with pytest.raises(NotFound):
        simulator_client.trigger_event(connected.charlie.actor, connected.acme.store_id, "sell")


def test_a_store_that_the_simulator_does_not_serve_says_so(connected: Cast) -> None:
    assert "Acme" in page_text(page(connected.alice))
    text = page_text(page(connected.charlie)).replace("\\", "")
    assert "The simulator knows no shop globex" in text
    assert "Acme" not in text


def test_without_a_store_the_page_says_to_connect_one(connected: Cast) -> None:
    assert "Connect your first store" in page_text(page(connected.dana))


def test_a_simulator_that_does_not_answer_is_one_sentence_with_the_cure(connected: Cast, shopify: Simulator) -> None:
    shopify.stop()
    app = page(connected.alice)
    (error,) = app.error
    assert "The simulator does not answer at" in error.value
    assert "make run" in error.value
    assert [button.label for button in app.button] == ["Sign out"]


def test_a_click_sells_and_another_refunds(connected: Cast, shopify: Simulator) -> None:
    before = len(shopify.live_shop().shop.orders)
    app = press(page(connected.alice), "sell")
    assert len(shopify.live_shop().shop.orders) == before + 1
    assert "was sold" in page_text(app)
    returns = shopify.truth().totals.returns
    assert "was refunded" in page_text(press(app, "refund"))
    assert shopify.truth().totals.returns > returns


def test_a_click_tips_exchanges_returns_and_imports(connected: Cast, shopify: Simulator) -> None:
    app = page(connected.alice)
    shop = shopify.live_shop().shop
    assert "was sold with a tip" in page_text(press(app, "tip"))
    assert list(shop.orders.values())[-1].tip == 3
    assert "goods were exchanged" in page_text(press(app, "exchange"))
    assert "goods came back" in page_text(press(app, "return"))
    assert any(order.returns for order in shop.orders.values())
    assert "was imported" in page_text(press(app, "import"))
    imported = list(shop.orders.values())[-1]
    assert (imported.created_at - imported.processed_at).days == 365


def test_subscriptions_are_dropped(connected: Cast, shopify: Simulator) -> None:
    shopify.live_shop().trigger("subscribe", {"topic": "ORDERS_CREATE", "uri": "http://127.0.0.1:9/"})
    assert "Shopify dropped 1 subscription." in page_text(press(page(connected.alice), "drop"))
    assert shopify.live_shop().subscriptions.by_id == {}


def test_orders_are_sold_on_both_sides_of_the_last_clock_change(connected: Cast, shopify: Simulator) -> None:
    before = len(shopify.live_shop().shop.orders)
    app = press(page(connected.alice), "clock-change")
    early, late = list(shopify.live_shop().shop.orders.values())[before:]
    assert early.processed_at.date() == late.processed_at.date()
    zone = shopify.live_shop().setup.spec.zone
    assert early.processed_at.astimezone(zone).utcoffset() != late.processed_at.astimezone(zone).utcoffset()
    assert "sold around the last clock change" in page_text(app)


def test_a_zone_without_summer_time_has_no_clock_change() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert simulator_client.clock_change(ZoneInfo("Asia/Tokyo"), now) is None
    assert simulator_client.clock_change(ZoneInfo("Europe/Berlin"), now) == datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert simulator_client.clock_change(ZoneInfo("America/New_York"), now) == datetime(2026, 11, 1, 6, tzinfo=UTC)


def test_tokens_that_were_bought_end_at_a_click(connected: Cast, shopify: Simulator) -> None:
    token, _ = shopify.live_shop().client_tokens.issue()
    assert "have ended" in page_text(press(page(connected.alice), "expire"))
    assert not shopify.live_shop().accept_token(token)


def test_every_token_is_refused_once_that_is_set(connected: Cast, shopify: Simulator) -> None:
    app = page(connected.alice)
    (refuse,) = [toggle for toggle in app.toggle if toggle.label == "Refuse every token"]
    refuse.set_value(True)
    set_(app)
    assert not shopify.live_shop().admit(shopify.live_shop().setup.token)
    press(app, "calm")
    assert shopify.live_shop().admit(shopify.live_shop().setup.token)


def test_an_outage_is_begun_seen_and_ended(connected: Cast, shopify: Simulator) -> None:
    app = press(page(connected.alice), "outage")
    assert shopify.live_shop().faults.settings.webhook_outage
    assert "An outage is on" in page_text(app)
    assert app.button(key="outage").label == "End the outage"
    press(app, "outage")
    assert not shopify.live_shop().faults.settings.webhook_outage


def test_faults_are_set_together_shown_as_they_are_and_turned_off(connected: Cast, shopify: Simulator) -> None:
    app = set_(page(connected.alice), Lost=0.25, Late=10, Server_errors=0.5)
    now = shopify.live_shop().faults.settings
    assert (now.webhook_loss, now.webhook_delay_seconds, now.api_errors) == (0.25, 10, 0.5)
    assert [slider.value for slider in app.slider if slider.label in ("Lost", "Late")] == [0.25, 10]
    press(app, "calm")
    assert shopify.live_shop().faults.settings.webhook_loss == 0


def test_values_set_elsewhere_are_shown_even_beyond_the_sliders_ends(connected: Cast, shopify: Simulator) -> None:
    shopify.live_shop().faults.set(webhook_delay_seconds=500, clock_skew_seconds=-1000, webhook_twins=0.33)
    shown = {slider.label: slider.value for slider in page(connected.alice).slider}
    assert (shown["Late"], shown["The shop’s clock"], shown["Sent twice, two ids"]) == (500, -1000, 0.33)


def test_a_refusal_of_the_simulator_is_shown(connected: Cast, shopify: Simulator) -> None:
    app = set_(page(connected.alice), Failed=0.8, Expired=0.8)
    assert "more than 1 together" in page_text(app)
    assert shopify.live_shop().faults.settings.bulk_failed == 0


def test_every_fault_has_its_switch_or_button() -> None:
    shown = {control.name for group in faults.GROUPS.values() for control in group}
    settings_of_others = {"seed", "retry_after_seconds", "webhook_reordering_seconds"}
    settings_of_others |= {"api_timeout_seconds", "api_slow_seconds"}
    switches = {field.name for field in fields(Faults)}
    assert shown | {"webhook_outage", "outage_unsubscribes", "tokens_refused"} | settings_of_others == switches


def test_injected_faults_are_counted_by_name(connected: Cast, shopify: Simulator) -> None:
    assert "None yet" in page_text(page(connected.alice))
    shopify.live_shop().faults.count("webhook_loss", 3)
    shopify.live_shop().faults.count("webhook_outage", 5)
    counts = tables(page(connected.alice))["Faults so far"]
    assert counts == [["Webhooks not sent in outages", "5"], ["Webhooks: lost", "3"]]


def test_buttons_and_switches_act_on_the_chosen_store_alone(cast: Cast, coast: Simulator) -> None:
    berlin, los_angeles = coast.shops.values()
    counts = [len(shop.shop.orders) for shop in (berlin, los_angeles)]
    app = page(cast.alice)
    assert "**Acme** is a simulated store" in page_text(app)

    app.selectbox(key="store").set_value("acme-coast").run()
    press(app, "sell")
    set_(app, Lost=0.25)

    assert "**Acme Coast** is a simulated store" in page_text(app)
    assert [len(shop.shop.orders) for shop in (berlin, los_angeles)] == [counts[0], counts[1] + 1]
    assert [shop.faults.settings.webhook_loss for shop in (berlin, los_angeles)] == [0, 0.25]


def test_the_switches_of_two_stores_are_apart_so_that_a_moved_value_stays_with_its_store(
    cast: Cast, coast: Simulator
) -> None:
    app = page(cast.alice)
    # The browser keeps values that were moved and not set by the id of their widget.
    switches = {slider.id for slider in app.slider}
    app.selectbox(key="store").set_value("acme-coast").run()
    assert switches.isdisjoint(slider.id for slider in app.slider)


def test_the_figures_are_compared_in_the_chosen_store_s_currency(cast: Cast, coast: Simulator) -> None:
    app = page(cast.alice)
    app.selectbox(key="store").set_value("acme-coast").run()
    app.selectbox(key="range").set_value("Last 12 months").run()
    press(app, "compare-now")
    figures: dict[str, Any] = app.table[0].value.to_dict("index")
    totals = next(figure for name, figure in figures.items() if name.endswith("Total sales"))
    assert "$" in totals["Simulator"]


def test_equal_figures_are_confirmed_and_differing_ones_shown(connected: Cast, shopify: Simulator) -> None:
    work(connected.acme, ask(connected.acme))
    app = page(connected.alice)
    app.selectbox(key="range").set_value("Last 12 months").run()
    assert "All 10 figures equal" in page_text(press(app, "compare-now"))

    shopify.sell(guest=True, test=False)
    app = press(app, "compare-now")
    assert "figures differ" in page_text(app)
    figures: dict[str, Any] = app.table[0].value.to_dict("index")
    assert int(figures["≠ Orders"]["Simulator"]) == int(figures["≠ Orders"]["Here"]) + 1


def test_the_dashboard_never_loads_the_simulator() -> None:
    program = (
        "import sys, core.demo.simulator_client; "
        "print([name for name in ('core.simulator.http', 'core.simulator.life', 'werkzeug') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
