"""Exchange rates of a tenant: entered or uploaded by its owners, and used to sum stores of several currencies."""

from core.exchange.conversion import MOST_AGE, Converted, RateTable, Sums, convert
from core.exchange.files import MOST_BYTES, too_large
from core.exchange.rates import (
    FixedRate,
    RateChange,
    UploadedRates,
    fixed_rates,
    list_rate_changes,
    parse_rate,
    rate_tables,
    remove_fixed_rate,
    remove_uploaded_rates,
    report_currency,
    save_file,
    set_fixed_rate,
    set_report_currency,
    uploaded_rates,
)

__all__ = [
    "MOST_AGE",
    "MOST_BYTES",
    "Converted",
    "FixedRate",
    "RateChange",
    "RateTable",
    "Sums",
    "UploadedRates",
    "convert",
    "fixed_rates",
    "list_rate_changes",
    "parse_rate",
    "rate_tables",
    "remove_fixed_rate",
    "remove_uploaded_rates",
    "report_currency",
    "save_file",
    "set_fixed_rate",
    "set_report_currency",
    "too_large",
    "uploaded_rates",
]
