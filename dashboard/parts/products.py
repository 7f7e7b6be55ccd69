"""Parts of the Products page: the columns of its two lists, and the line about sales without a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

import streamlit as st

from core.domain.periods import Grain, Period
from core.metrics.explore import Dimension, Measure, Question
from core.metrics.products.changes import CLASS_DAYS, ListKey, ProductRow, VariantRow
from core.metrics.products.details import VariantDetails
from core.metrics.products.listing import Goods, GoodsCount, ProductSales, VariantSales
from dashboard.addresses import FILTERS, csv_address, product_address, store_handle
from dashboard.drawing import formats
from dashboard.drawing.bar_list import Bar
from dashboard.drawing.records import Record, Trend, variant_name
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_grid import Card, ChartRows, draw_cards
from dashboard.parts.cards import bars_card
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.explore import drill

_MOST_POINTS = 31
_SALES_BY_PRODUCT = Question((Measure.NET_SALES, Measure.UNITS_SOLD), (Dimension.PRODUCT,))
NOW = "As it is now, not as it was in the period."
CLASS = (
    f"A: the best products, which bring the first 80 % of net sales of the last {CLASS_DAYS} whole days. B: the next "
    "15 %. C: all others."
)


def draw_other_goods(count: GoodsCount, currency: str) -> Goods:
    """Draw the switch that lists sales without a product, if there are any; return which rows to list."""
    if not count.others:
        return Goods.PRODUCTS
    net_sales = plain(formats.money(count.others_net_sales, currency))
    is_shown = st.toggle(
        f"Show {formats.counted(count.others, 'sale')} without a product · {net_sales}",
        key="others",
        bind="query-params",
        help="Custom items, products that Shopify no longer names, and adjustments of refunds.",
    )
    return Goods.ALL if is_shown else Goods.PRODUCTS


def trend_grain(period: Period) -> Grain:
    """The width of a point of the small lines: of more than some thirty, none would be seen."""
    if period.days <= _MOST_POINTS:
        return period.grain
    return Grain.WEEK if period.days <= 7 * _MOST_POINTS else Grain.MONTH


def list_records(rows: Sequence[ProductRow | VariantRow], trends: Mapping[int, tuple[Decimal, ...]]) -> list[Record]:
    """The rows of the list; `trends` has the points of products, and a variant shows none."""
    return [
        asdict(row.sales)
        | asdict(row.beside)
        | ({"variant": variant_name(row.sales.variant)} if isinstance(row.sales, VariantSales) else {})
        | {"change": row.change, "trend": _trend(row.sales, trends.get(row.sales.product_id or 0))}
        for row in rows
    ]


def product_columns(filters: Filters, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the list of products; `query` is the address's, for the links."""
    return {
        "title": _title_column(filters.store.shop_domain, query),
        "trend": Column(
            "Trend", Kind.TREND, f"Net sales by {trend_grain(filters.period)} of the period, from zero up."
        ),
        **_sales_columns(filters),
        "lowest_price": Column("Price from", Kind.MONEY, NOW, sort=ListKey.PRICE),
        **_origin_columns(),
        **_sums_before_returns(),
    }


def variant_columns(filters: Filters, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the list of variants; `query` is the address's, for the links."""
    return {
        "title": _title_column(filters.store.shop_domain, query),
        "variant": Column("Variant"),
        **_sales_columns(filters),
        "price": Column("Price", Kind.MONEY, NOW, sort=ListKey.PRICE),
        "sku": Column("SKU", Kind.CODE, sort=ListKey.SKU),
        **_origin_columns(),
        **_sums_before_returns(),
    }


def own_variant_records(variants: Sequence[VariantDetails], currency: str) -> list[Record]:
    """The rows of the variants on a product's own page."""
    return [
        asdict(each) | {"variant": variant_name(each.variant, "Only variant"), "currency": currency}
        for each in variants
    ]


def orders_address(product_id: int, title: str, filters: Filters, query: Mapping[str, str]) -> str | None:
    """The address of the orders behind a product's sales; `query` is that of its page."""
    kept = {name: value for name, value in query.items() if name in FILTERS}
    kept["store"] = store_handle(filters.store.shop_domain)
    return drill.orders_address(_SALES_BY_PRODUCT, (str(product_id),), (title,), filters.period, kept)


def own_variant_columns() -> dict[str, Column]:
    """The columns of the variants on a product's own page."""
    return {
        "variant": Column("Variant"),
        "sku": Column("SKU", Kind.CODE),
        "net_sales": metric_column("net_sales"),
        "units_sold": metric_column("units_sold", Kind.COUNT),
        "units_returned": metric_column("units_returned", Kind.COUNT),
        "returns": metric_column("returns"),
        "price": Column("Price", Kind.MONEY, NOW),
        "stock": Column("Stock", Kind.COUNT, NOW),
    }


def _trend(sales: ProductSales | VariantSales, points: tuple[Decimal, ...] | None) -> Trend | None:
    return Trend(points, f"Net sales of {sales.title} over the period") if points and len(points) > 1 else None


def _sales_columns(filters: Filters) -> dict[str, Column]:
    grown = Column("Change", Kind.CHANGE, f"Of net sales, {filters.versus}; sorted by its amount.", ListKey.CHANGE)
    return {
        "net_sales": metric_column("net_sales", sort=ListKey.NET_SALES),
        **({"change": grown} if filters.compared else {}),
        "units_sold": metric_column("units_sold", Kind.COUNT, ListKey.UNITS_SOLD),
        "units_returned": metric_column("units_returned", Kind.COUNT, ListKey.UNITS_RETURNED),
        "return_rate": metric_column("return_rate", Kind.SHARE, ListKey.RETURN_RATE),
        "discount_rate": metric_column("discount_rate", Kind.SHARE, ListKey.DISCOUNT_RATE),
        "abc": Column("Class", Kind.CODE, CLASS, ListKey.CLASS),
        "stock": Column("Stock", Kind.COUNT, NOW, sort=ListKey.STOCK),
    }


def _sums_before_returns() -> dict[str, Column]:
    return {
        "gross_sales": metric_column("gross_sales", sort=ListKey.GROSS_SALES, is_extra=True),
        "discounts": metric_column("discounts", sort=ListKey.DISCOUNTS, is_extra=True),
        "returns": metric_column("returns", sort=ListKey.RETURNS, is_extra=True),
    }


def _title_column(shop_domain: str, query: Mapping[str, str]) -> Column:
    def address(row: Record) -> str | None:
        return product_address(shop_domain, row["product_id"], query) if row["product_id"] else None

    return Column("Product", sort=ListKey.TITLE, link=address)


def _origin_columns() -> dict[str, Column]:
    return {
        "vendor": Column("Vendor", sort=ListKey.VENDOR, is_extra=True),
        "product_type": Column("Type", sort=ListKey.PRODUCT_TYPE, is_extra=True),
    }


def draw_best_sellers(title: str, rows: Sequence[ProductSales], filters: Filters, all_: str = "") -> None:
    """Draw the net sales of products as bars in their card; the arguments are those of `best_sellers_card`."""
    draw_cards(title, [best_sellers_card(title, rows, filters, all_)])


def best_sellers_card(title: str, rows: Sequence[ProductSales], filters: Filters, all_: str = "") -> Card:
    """The card of the net sales of products as bars that open their product; `all_` is the address of the list."""
    titles = _title_column(filters.store.shop_domain, st.query_params.to_dict())
    columns = {
        "title": titles,
        "net_sales": metric_column("net_sales"),
        "units_sold": metric_column("units_sold", Kind.COUNT),
    }
    records = [asdict(row) for row in rows]
    return bars_card(
        title,
        [
            Bar(
                row.title,
                row.net_sales,
                formats.short_money(row.net_sales, filters.currency),
                titles.link(record) if titles.link else None,
            )
            for row, record in zip(rows, records, strict=True)
        ],
        csv=csv_address("products", filters.store.store_id, filters.period, **filters.currency_filter),
        all_=all_,
        unit=f"net sales in {filters.currency}",
        rows=ChartRows(title, columns, records, filters.store.time_zone, filters.currency),
        empty="No product was sold in this period.",
    )
