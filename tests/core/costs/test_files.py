"""A CSV of unit costs: previewed, applied once, and every wrong row named with its cure."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core import costs
from core.costs.rows import MOST_BYTES
from core.database import StoreKey
from core.database.models import UnitCost
from core.domain.periods import Grain
from core.errors import InvalidFile, NotAllowed, NotFound
from core.metrics.money.profit import profit
from core.metrics.money.variant_costs import uncosted_variants
from tests import factories as made
from tests.cast import NOW, Cast
from tests.core.metrics.conftest import Shop, shop_of
from tests.core.metrics.sales.test_headline import NOVEMBER
from tests.stored import rows


@pytest.fixture
def acme(cast: Cast) -> Shop:
    """Make a shop with three variants, of which Shopify has a cost of the last one, and an order of two shirts."""
    shop = shop_of(cast.acme)
    shop.receive(
        made.product(
            variants=(
                made.variant(71, sku="S-M"),
                made.variant(72, sku="=S-L"),
                made.variant(73, sku="S-XL", unit_cost=Decimal(8)),
            )
        ),
        made.order(),
    )
    return shop


def upload(cast: Cast, content: str | bytes, person: str = "alice") -> None:
    raw = content.encode() if isinstance(content, str) else content
    costs.store_file(getattr(cast, person).actor, cast.acme.store_id, "costs.csv", raw, NOW)


def preview(cast: Cast) -> costs.UnitCostFileView:
    file = costs.pending_file(cast.acme.key)
    assert file is not None
    return file


def errors(cast: Cast) -> dict[int, str]:
    return {error.line: error.text for error in preview(cast).errors}


def save(cast: Cast) -> int:
    return costs.apply_file(cast.alice.actor, cast.acme.store_id, preview(cast).file_id, NOW)


def gross_profit(shop: Shop) -> Decimal | None:
    return shop.ask(profit, shop.days(*NOVEMBER), Grain.MONTH).whole.gross_profit


def test_a_file_is_a_preview_until_it_is_saved(cast: Cast, acme: Shop) -> None:
    upload(cast, "sku,unit_cost\nS-M,7.50\n")
    (change,) = preview(cast).changes
    assert (change.variant_id, change.title, change.unit_cost, change.before) == (
        71,
        "Shirt · M",
        Decimal("7.50"),
        None,
    )
    assert gross_profit(acme) is None
    assert save(cast) == 1
    assert gross_profit(acme) == 25
    assert costs.pending_file(cast.acme.key) is None
    assert [(file.name, file.rows_changed) for file in costs.recent_files(cast.acme.key)] == [("costs.csv", 1)]


def test_the_same_file_again_changes_nothing(cast: Cast, acme: Shop) -> None:
    for expected in (2, 0):
        upload(cast, "variant_id,unit_cost\n71,7.50\n72,9\n")
        assert len(preview(cast).changes) == expected
        assert save(cast) == expected
    assert len(rows(cast.acme, UnitCost)) == 2


def test_a_changed_cost_keeps_the_former_one_as_history(cast: Cast, acme: Shop) -> None:
    for cost in ("7.50", "8.50"):
        upload(cast, f"sku,unit_cost\nS-M,{cost}\n")
        save(cast)
    stored = sorted((row["unit_cost"], row["replaced_at"]) for row in rows(cast.acme, UnitCost))
    assert stored == [(Decimal("7.50"), NOW), (Decimal("8.50"), None)]
    assert gross_profit(acme) == 23


def test_a_cost_may_count_from_a_day_on_and_be_removed(cast: Cast, acme: Shop) -> None:
    upload(cast, "sku,unit_cost,valid_from\nS-M,7.50,2026-11-03\n")
    save(cast)
    assert gross_profit(acme) is None, "the order is of the day before"
    upload(cast, "sku,unit_cost,valid_from\nS-M,remove,2026-11-03\nS-M,6,2026-11-01\n")
    assert [change.unit_cost for change in preview(cast).changes] == [None, 6]
    save(cast)
    assert gross_profit(acme) == 28


def test_every_wrong_row_is_named_with_its_cure_and_the_others_are_saved(cast: Cast, acme: Shop) -> None:
    upload(
        cast,
        "variant_id;sku;unit_cost;valid_from\n"
        "71;;7,50;\n"  # line 2: right
        "71;;8;\n"
        ";S-S;8;\n"
        "99;;8;\n"
        ";S-XL;8;\n"
        ";;8;\n"
        "4,2E+13;;8;\n"
        ";S-M;about 8;2026-11-01\n"
        ";S-M;8;1.11.2026\n"
        "72;;;\n",
    )
    assert errors(cast) == {
        3: "Line 2 has the same variant and day; keep one of the two.",
        4: "No variant has the SKU S-S; check its spelling, or sync the store first.",
        5: "No variant has the id 99; copy it from the file of variants without a cost.",
        6: "Shopify has a cost of 8 for this variant; change it in Shopify.",
        7: "The row names no variant; fill in its SKU or variant id.",
        8: "The spreadsheet shortened the id 4,2E+13; fill in the SKU instead.",
        9: "about 8 is no amount; write the unit cost as 4.20.",
        10: "1.11.2026 is no day; write valid_from as 2026-11-21.",
    }
    assert preview(cast).blank == 1
    assert save(cast) == 1


def test_two_variants_of_one_sku_are_not_guessed_at(cast: Cast, acme: Shop) -> None:
    acme.receive(made.product(product_id=8, variants=(made.variant(81, sku="S-M"),)))
    upload(cast, "sku,unit_cost\nS-M,7.50\n")
    assert "use their variant ids" in errors(cast)[2]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffSKU;Unit cost\r\nS-M;7,50\r\n",
        "Variant SKU,Cost per item\nS-M,7.50\n",
        "variant id\tunit-cost\n71\t7.50\n",
        'product,sku,unit_cost\n"Shirt, blue\nlong",S-M,7.50\n',
        "variant_id,unit_cost\ngid://shopify/ProductVariant/71,7.50\n",
    ],
)
def test_files_of_every_spreadsheet_are_understood(cast: Cast, acme: Shop, content: str) -> None:
    upload(cast, content)
    assert [(change.variant_id, change.unit_cost) for change in preview(cast).changes] == [(71, Decimal("7.50"))]


def test_windows_text_and_a_guarded_sku_are_understood(cast: Cast, acme: Shop) -> None:
    upload(cast, "product,sku,unit_cost\nHemd für Männer,'=S-L,7.50\n".encode("cp1252"))
    assert [change.variant_id for change in preview(cast).changes] == [72]


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        (b"sku,price\nS-M,8\n", "name the columns"),
        (b"", "name the columns"),
        (b"PK\x03\x04\x00\x00", "Save as"),
        (b"sku,unit_cost\n" + b"x" * MOST_BYTES, "larger than"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_cure(cast: Cast, acme: Shop, content: bytes, cure: str) -> None:
    with pytest.raises(InvalidFile, match=cure):
        upload(cast, content)
    assert costs.pending_file(cast.acme.key) is None


def test_nobody_but_an_owner_of_the_business_uploads_saves_or_discards(cast: Cast, acme: Shop) -> None:
    upload(cast, "sku,unit_cost\nS-M,7.50\n")
    file_id = preview(cast).file_id
    for person, error in ((cast.bob, NotAllowed), (cast.charlie, NotFound)):
        with pytest.raises(error):
            upload(cast, "sku,unit_cost\n", "bob" if person is cast.bob else "charlie")
        with pytest.raises(error):
            costs.apply_file(person.actor, cast.acme.store_id, file_id, NOW)
        with pytest.raises(error):
            costs.discard_file(person.actor, cast.acme.store_id, file_id)
    assert preview(cast).file_id == file_id
    foreign = StoreKey(cast.charlie.tenant_id, cast.acme.store_id)
    assert (costs.pending_file(foreign), costs.recent_files(foreign)) == (None, ())


def test_a_discarded_or_replaced_file_cannot_be_saved(cast: Cast, acme: Shop) -> None:
    upload(cast, "sku,unit_cost\nS-M,7.50\n")
    first = preview(cast).file_id
    upload(cast, "sku,unit_cost\nS-M,8.50\n")
    with pytest.raises(NotFound, match="upload it again"):
        costs.apply_file(cast.alice.actor, cast.acme.store_id, first, NOW)
    costs.discard_file(cast.alice.actor, cast.acme.store_id, preview(cast).file_id)
    assert costs.pending_file(cast.acme.key) is None
    assert rows(cast.acme, UnitCost) == []


def test_the_list_of_what_has_no_cost_shrinks_as_costs_come_in(cast: Cast, acme: Shop) -> None:
    november = acme.days(*NOVEMBER)
    (shirt,) = acme.ask(uncosted_variants, november)
    assert (shirt.variant_id, shirt.sku, shirt.product, shirt.sales, shirt.net_sales) == (71, "S-M", "Shirt", 1, 40)
    upload(cast, "sku,unit_cost\nS-M,7.50\n")
    save(cast)
    assert acme.ask(uncosted_variants, november) == ()
