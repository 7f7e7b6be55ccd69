"""One product in detail: its share of the figures, point by point, and its variants with price and stock."""

from __future__ import annotations

from decimal import Decimal

from core.domain import Deleted, Kind
from core.domain.periods import Grain
from core.metrics.products.details import VariantDetails, product_details, product_report
from core.metrics.sales.overview import Report
from tests import factories as made
from tests.cast import Cast, add_store
from tests.core.metrics.conftest import NOW, Shop, headline, shop_of
from tests.core.metrics.sales.test_headline import NOVEMBER


def report(shop: Shop, product_id: int = 7) -> Report:
    period = shop.days(*NOVEMBER)
    return shop.ask(product_report, product_id, period, period.points(Grain.DAY))


def test_a_product_has_its_part_of_the_figures_day_by_day(acme: Shop) -> None:
    """Two shirts at 20.00 on the 2nd, one back on the 11th; a mug at 9.00 is another product."""
    mug = made.line(12, price="9.00", quantity=1, tax="0", title="Mug", product_id=8, variant_id=81)
    acme.receive(
        made.product(),
        made.order(line_items=(made.line(), mug), total=Decimal("61.60"), refunds=(made.refund(),)),
    )
    shirts, mugs = report(acme), report(acme, 8)
    assert (shirts.whole.gross_sales, shirts.whole.returns, shirts.whole.net_sales) == (
        Decimal("40.00"),
        Decimal("20.00"),
        Decimal("20.00"),
    )
    by_day = {point.start.day: point.figures.net_sales for point in shirts.points if point.figures.net_sales}
    assert sorted(by_day.values()) == [Decimal("-20.00"), Decimal("40.00")]
    assert len(shirts.points) == 30
    assert sum(point.figures.net_sales for point in shirts.points) == shirts.whole.net_sales
    everything = acme.ask(headline, acme.days(*NOVEMBER))
    assert shirts.whole.net_sales + mugs.whole.net_sales == everything.net_sales


def test_a_product_by_week_has_its_part_of_each_week(acme: Shop) -> None:
    """Two shirts at 20.00 on Monday the 2nd, one back on Wednesday the 11th."""
    acme.receive(made.product(), made.order(refunds=(made.refund(),)))
    period = acme.days(*NOVEMBER)
    points = acme.ask(product_report, 7, period, period.points(Grain.WEEK)).points
    assert [point.figures.net_sales for point in points] == [0, 40, -20, 0, 0, 0]


def test_variants_have_sales_stock_and_price_and_deleted_ones_only_sales(acme: Shop) -> None:
    former = made.line(12, price="9.00", quantity=1, tax="0", variant_id=79, variant_title="XXL", sku="S-XXL")
    acme.receive(
        made.product(variants=(made.variant(sku="S-M", inventory_quantity=4), made.variant(72, price="21.00"))),
        made.order(line_items=(made.line(), former), total=Decimal("61.60"), refunds=(made.refund(),)),
    )
    product = acme.ask(product_details, 7, acme.days(*NOVEMBER))
    assert product is not None
    assert product.title == "Shirt"
    zero = Decimal(0)
    assert product.variants == (
        VariantDetails("M", "S-M", Decimal("20.00"), 2, 1, Decimal("20.00"), Decimal("20.00"), 4),
        VariantDetails("XXL", "S-XXL", Decimal("9.00"), 1, 0, zero, None, None),
        VariantDetails("M", None, zero, 0, 0, zero, Decimal("21.00"), None),
    )


def test_a_deleted_or_unknown_product_is_not_found(acme: Shop) -> None:
    acme.receive(made.product(), Deleted(Kind.PRODUCT, 7, NOW))
    for product_id in (7, 1):
        assert acme.ask(product_details, product_id, acme.days(*NOVEMBER)) is None


def test_a_product_of_another_store_or_business_is_not_found(acme: Shop, cast: Cast) -> None:
    acme.receive(made.product(), made.order())
    second = add_store(cast.alice.tenant_id, "Acme Two", "acme-two.myshopify.com", "EUR", "Europe/Berlin")
    for shop in (shop_of(second), shop_of(cast.globex)):
        assert shop.ask(product_details, 7, shop.days(*NOVEMBER)) is None
        assert report(shop).whole.net_sales == 0
