"""Parts of the Finance page: the summary of sales, taxes by name and rate, and the months for the accountant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

import streamlit as st

from core.domain.periods import Grain, local_day
from core.metrics.changes import change
from core.metrics.money.finance import accounting_months, last_of_month
from core.metrics.money.taxes import TaxTotal
from dashboard import reads
from dashboard.addresses import csv_address, page_address
from dashboard.drawing import frames, order_words
from dashboard.drawing.records import Record
from dashboard.filters import CUSTOM, Filters
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.tables import draw_records

MONTHLY = (
    *("gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "duties", "fees", "total_sales"),
    *("tips", "gift_cards_sold"),
)
_ALWAYS = frozenset({"gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "total_sales"})
GIFT_CARDS = ("gift_cards_sold", "gift_cards_used", "gift_cards_outstanding")
_FEE_COLUMNS = {
    "fees": metric_column("provider_fees"),
    "coverage": metric_column("fee_coverage", Kind.SHARE),
}
UNNAMED = "Without a name"


def draw_taxes(filters: Filters) -> None:
    """Draw the taxes of the period by name and rate, beside those of the compared period."""
    taxes = reads.taxes(*filters.cache_key, filters.period)
    before = comparable(reads.taxes(*filters.cache_key, filters.compared), filters) if filters.compared else None
    draw_records(
        "Taxes by name and rate",
        tax_records(taxes, before, filters.currency),
        {
            "title": Column("Tax"),
            "rate": Column("Rate", Kind.SHARE),
            "tax": Column("Tax amount", Kind.MONEY, "Taxes charged less those refunded, on the day of each."),
            "taxable": Column(
                "Taxed sales", Kind.MONEY, "Net amounts with this tax, less those refunded; before all taxes."
            ),
            "before": Column("Tax before", Kind.MONEY, "The tax amount of the compared period."),
            "change": Column("Change", Kind.CHANGE, "The change of the tax amount since the compared period."),
        },
        filters.store,
        csv=csv_address("taxes", filters.store.store_id, filters.period, **filters.currency_filter),
        empty="No taxes in this period.",
    )


def tax_records(taxes: Sequence[TaxTotal], before: Sequence[TaxTotal] | None, currency: str) -> list[Record]:
    """Taxes as rows of a table, with amounts in `currency`; without `before`, nothing is known of earlier ones."""
    if before is None:
        return [_tax_record(tax, None, currency) for tax in taxes]
    earlier = {(tax.title, tax.rate): tax.tax for tax in before}
    return [_tax_record(tax, earlier.get((tax.title, tax.rate), Decimal(0)), currency) for tax in taxes]


def _tax_record(tax: TaxTotal, before: Decimal | None, currency: str) -> Record:
    return asdict(tax) | {
        "title": tax.title or UNNAMED,
        "before": before,
        "change": None if before is None else change(tax.tax, before),
        "currency": currency,
    }


def draw_payments(filters: Filters) -> None:
    """Draw the money received and refunded in the period by gateway; nothing where no payment is known."""
    rows = reads.payments_by_gateway(*filters.cache_key, filters.period)
    if not rows:
        return
    draw_records(
        "Payments by gateway",
        [
            asdict(row)
            | {"gateway": order_words.gateway(row.gateway), "currency": filters.currency}
            | {"coverage": row.fee_coverage if row.fees is not None else None}
            for row in rows
        ],
        {
            "gateway": Column("Gateway"),
            "received": metric_column("payments_received"),
            "payments": Column("Payments", Kind.COUNT, "Successful payments, on the day of each."),
            "refunded": metric_column("payments_refunded"),
            "refunds": Column("Refunds", Kind.COUNT, "Successful refunds, on the day of each."),
            "balance": metric_column("payment_balance"),
            **(_FEE_COLUMNS if any(row.fees is not None for row in rows) else {}),
        },
        filters.store,
        csv=csv_address("payments", filters.store.store_id, filters.period, **filters.currency_filter),
        empty="No payments in this period.",
    )


def draw_gift_cards(filters: Filters) -> None:
    """Draw gift cards sold, used and outstanding, each beside the compared period; nothing where none is known."""
    current = reads.gift_cards(*filters.cache_key, filters.period)
    if not current.are_known:
        return
    before = reads.gift_cards(*filters.cache_key, filters.compared) if filters.compared else None
    st.subheader("Gift cards", anchor=False)
    draw_figures(GIFT_CARDS, current, before, filters, label="Figures of gift cards")


def draw_months(filters: Filters) -> None:
    """Draw a row for each month, the latest first: those of the period, and twelve at least."""
    months = accounting_months(filters.period, reads.first_day(*filters.cache_key))
    report = reads.finance(*filters.cache_key, months, Grain.MONTH)
    named = frames.over_time("total_sales", report, None, months, None, filters.now, Grain.MONTH)
    records = [
        asdict(point.figures)
        | {"month": row["name"], "currency": filters.currency, "first_day": local_day(point.start, months.zone)}
        for point, row in zip(report.points, named, strict=True)
        if point.start <= filters.now
    ]
    draw_records(
        "Month by month",
        records[::-1],
        {
            "month": Column("Month", link=_month_link(filters, st.query_params.to_dict())),
            **{metric: metric_column(metric, Kind.AMOUNT) for metric in MONTHLY if _is_used(metric, records)},
        },
        filters.store,
        csv=csv_address("finance-months", filters.store.store_id, months, **filters.currency_filter),
        empty="No months yet. They come with the first orders.",
        unit=f"in {filters.currency}",
    )


def _is_used(metric: str, records: list[Record]) -> bool:
    return metric in _ALWAYS or any(record[metric] for record in records)


def _month_link(filters: Filters, query: Mapping[str, str]) -> Callable[[Record], str]:
    """Make the address of a month's orders: the rows behind its figures."""
    today = local_day(filters.now, filters.store.time_zone)

    def address(row: Record) -> str:
        first = row["first_day"]
        days = {"start": first.isoformat(), "end": min(last_of_month(first), today).isoformat()}
        return page_address("orders", query, range=CUSTOM, **days)

    return address
