"""The file of the All stores page: each day of each store, with its rate.

Each store has its own days, because "today" is another day in Tokyo than in Los Angeles. The address names them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from core.domain.money import minor_digits
from core.domain.periods import Period
from core.errors import InvalidInput
from core.exchange import MOST_AGE
from core.exports.files import Export
from core.stores import StoreView

NAME = "all-stores"
_DAYS = re.compile(r"\A(\d{1,18})_(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)\Z", re.ASCII)
_CODE = re.compile(r"\A[A-Z]{3}\Z", re.ASCII)

_ROWS = f"""
SELECT s.name AS store, d.business_date AS day, d.currency,
       d.gross_sales, d.discounts, d.returns, d.net_sales, r.total_sales, d.orders, r.rate,
       d.net_sales * r.rate AS net_sales_converted, r.total_sales * r.rate AS total_sales_converted
FROM unnest(CAST(:stores AS bigint[]), CAST(:first_days AS date[]), CAST(:last_days AS date[]))
     AS c (store_id, first, last)
JOIN stores s ON s.tenant_id = :tenant_id AND s.store_id = c.store_id
JOIN sales_by_day d ON d.tenant_id = s.tenant_id AND d.store_id = s.store_id AND d.currency = s.currency
    AND d.business_date BETWEEN c.first AND c.last
CROSS JOIN LATERAL (
    SELECT CASE WHEN d.currency = :into THEN 1 ELSE (
        SELECT e.rate FROM exchange_rates e
        WHERE e.tenant_id = :tenant_id AND e."into" = :into AND e.currency = d.currency AND e.replaced_at IS NULL
          AND (e.day IS NULL OR e.day BETWEEN d.business_date - {MOST_AGE.days} AND d.business_date)
        ORDER BY e.day DESC NULLS LAST LIMIT 1
    ) END AS rate, d.net_sales + d.shipping + d.taxes + d.duties + d.fees AS total_sales
) r
ORDER BY d.business_date, s.name, s.store_id
"""

EXPORTS = {
    NAME: Export(
        _ROWS,
        """store=text day=text_of_day currency=text gross_sales=own_amount discounts=own_amount returns=own_amount
        net_sales=own_amount total_sales=own_amount orders=count rate=number net_sales_converted=amount
        total_sales_converted=amount converted_into=currency""",
        title="All stores by day",
        row="a day of a store",
        meanings={"rate": "rate_of_day", "store": "store_name"},
    )
}


def days_parameter(periods: Mapping[int, Period]) -> str:
    """The parameter of an address that names the days of each store, by the store's id."""
    return ",".join(
        f"{store_id}_{period.start.isoformat()}_{period.end.isoformat()}" for store_id, period in periods.items()
    )


def parameters(store: StoreView, period: Period, filters: Mapping[str, str]) -> dict[str, object]:
    """The parameters of the file: the "days" of each store, and the currency "into".

    An address without "days" asks for this store and `period`.

    Raises:
        InvalidInput: they cannot be read.
    """
    into = filters.get("into") or store.currency
    days = filters.get("days") or days_parameter({store.store_id: period})
    found = [_DAYS.match(part) for part in days.split(",")]
    if not _CODE.match(into) or not all(found):
        raise InvalidInput("This address is not complete; download the file from the All stores page.")
    try:
        named = [(int(each[1]), date.fromisoformat(each[2]), date.fromisoformat(each[3])) for each in found if each]
    except ValueError:
        raise InvalidInput("This address is not complete; download the file from the All stores page.") from None
    ids, first_days, last_days = zip(*named, strict=True)
    return {
        **{"stores": list(ids), "first_days": list(first_days), "last_days": list(last_days)},
        **{"into": into, "currency": into, "digits": minor_digits(into)},
    }
