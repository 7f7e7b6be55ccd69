"""Parts of the Products page: the columns of its two lists, and the line about sales without a product."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.metrics.products import Goods, GoodsCount, ProductKey
from dashboard.addresses import product_address
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.parts.columns import Column, Kind, metric_column

NOW = "As it is now, not as it was in the period."


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


def product_columns(shop_domain: str, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the list of products; `query` is the address's, for the links."""
    return {
        "title": _title_column(shop_domain, query),
        **_sales_columns(),
        "lowest_price": Column("Price from", Kind.MONEY, NOW, sort=ProductKey.PRICE),
        "highest_price": Column("Price to", Kind.MONEY, NOW),
        **_origin_columns(),
    }


def variant_columns(shop_domain: str, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the list of variants; `query` is the address's, for the links."""
    return {
        "title": _title_column(shop_domain, query),
        "variant": Column("Variant"),
        **_sales_columns(),
        "price": Column("Price", Kind.MONEY, NOW, sort=ProductKey.PRICE),
        "sku": Column("SKU", sort=ProductKey.SKU),
        **_origin_columns(),
    }


def own_variant_columns() -> dict[str, Column]:
    """The columns of the variants on a product's own page."""
    return {
        "variant": Column("Variant"),
        "sku": Column("SKU"),
        "net_sales": metric_column("net_sales"),
        "units_sold": metric_column("units_sold", Kind.COUNT),
        "units_returned": metric_column("units_returned", Kind.COUNT),
        "returns": metric_column("returns"),
        "price": Column("Price", Kind.MONEY, NOW),
        "stock": Column("Stock", Kind.COUNT, NOW),
    }


def _sales_columns() -> dict[str, Column]:
    return {
        "net_sales": metric_column("net_sales", sort=ProductKey.NET_SALES),
        "units_sold": metric_column("units_sold", Kind.COUNT, ProductKey.UNITS_SOLD),
        "units_returned": metric_column("units_returned", Kind.COUNT, ProductKey.UNITS_RETURNED),
        "gross_sales": metric_column("gross_sales", sort=ProductKey.GROSS_SALES),
        "discounts": metric_column("discounts", sort=ProductKey.DISCOUNTS),
        "returns": metric_column("returns", sort=ProductKey.RETURNS),
        "stock": Column("Stock", Kind.COUNT, NOW, sort=ProductKey.STOCK),
    }


def _title_column(shop_domain: str, query: Mapping[str, str]) -> Column:
    def address(row: Record) -> str | None:
        return product_address(shop_domain, row["product_id"], query) if row["product_id"] else None

    return Column("Product", sort=ProductKey.TITLE, link=address)


def _origin_columns() -> dict[str, Column]:
    return {
        "vendor": Column("Vendor", sort=ProductKey.VENDOR),
        "product_type": Column("Type", sort=ProductKey.PRODUCT_TYPE),
    }
