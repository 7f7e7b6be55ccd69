"""Parts of the Finance page: the summary of sales, taxes by name and rate, and the months for the accountant."""

from __future__ import annotations

from dataclasses import asdict

from core.domain.periods import Grain
from core.metrics.finance import accounting_months
from core.metrics.taxes import TaxTotal
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import frames
from dashboard.drawing.records import Record
from dashboard.filters import Filters
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.tables import draw_records

MONTHLY = (
    *("gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "duties", "fees", "total_sales"),
    *("tips", "gift_cards_sold"),
)
_ALWAYS = frozenset({"gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "total_sales"})
UNNAMED = "Without a name"


def draw_taxes(filters: Filters) -> None:
    """Draw the taxes of the period by name and rate."""
    draw_records(
        "Taxes by name and rate",
        tax_records(reads.taxes(*filters.cache_key, filters.period), filters.currency),
        {
            "title": Column("Tax"),
            "rate": Column("Rate", Kind.SHARE),
            "tax": Column("Tax amount", Kind.MONEY, "Taxes charged less those refunded, on the day of each."),
            "taxable": Column(
                "Taxed sales", Kind.MONEY, "Net amounts with this tax, less those refunded; before all taxes."
            ),
        },
        filters.store,
        csv=csv_address("taxes", filters.store.store_id, filters.period, **filters.currency_filter),
        empty="No taxes in this period.",
    )


def tax_records(taxes: tuple[TaxTotal, ...], currency: str) -> list[Record]:
    """Taxes as rows of a table, with amounts in `currency`."""
    return [asdict(tax) | {"title": tax.title or UNNAMED, "currency": currency} for tax in taxes]


def draw_months(filters: Filters) -> None:
    """Draw a row for each month, the latest first: those of the period, and twelve at least."""
    months = accounting_months(filters.period, reads.first_day(*filters.cache_key))
    report = reads.finance(*filters.cache_key, months, Grain.MONTH)
    named = frames.over_time("total_sales", report, None, months, None, filters.now, Grain.MONTH)
    records = [
        asdict(point.figures) | {"month": row["name"], "currency": filters.currency}
        for point, row in zip(report.points, named, strict=True)
        if point.start <= filters.now
    ]
    draw_records(
        "Month by month",
        records[::-1],
        {
            "month": Column("Month"),
            **{metric: metric_column(metric) for metric in MONTHLY if _is_used(metric, records)},
        },
        filters.store,
        csv=csv_address("finance-months", filters.store.store_id, months, **filters.currency_filter),
        empty="No months yet. They come with the first orders.",
    )


def _is_used(metric: str, records: list[Record]) -> bool:
    return metric in _ALWAYS or any(record[metric] for record in records)
