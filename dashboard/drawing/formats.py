"""Values as text: money with its currency, shares, dates on the store's clock. Pure but for the reader's locale.

None is a missing value, such as a ratio over nothing or an amount that Shopify did not send: it reads "–", never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import get_currency_symbol

from core.domain.money import minor_digits
from core.domain.periods import Grain, Period
from core.metrics.changes import Change
from core.metrics.currencies import LeftOut
from core.metrics.definitions import DEFINITIONS, Unit
from dashboard.drawing import locales

NOTHING = "–"
WITHOUT_CENTS = 10_000
"""From this amount on, a short text leaves the cents out."""
MINUS = "−"
LOCALE = Locale("en")
"""The language of the words, months and weekdays among them. Numbers are written as in the reader's `locales`."""


def money(amount: Decimal | None, currency: str, digits: int | None = None) -> str:
    """€1,234.50 · ¥1,235 · KWD 1.500 · −€3.00 · 1.234,50 € in German; halves are rounded away from zero.

    `digits` are the decimals, by default those of the currency.

    Not Babel's format_currency: it rounds halves to even, knows fewer decimals than ISO 4217, and writes KWD1.500.
    """
    if amount is None:
        return NOTHING
    return _signed(amount, minor_digits(currency) if digits is None else digits, *currency_affixes(currency))


def plain_amount(amount: Decimal, currency: str) -> str:
    """1,234.50, with the decimals of the currency, whose name stands elsewhere."""
    return _signed(amount, minor_digits(currency))


def short_money(amount: Decimal | None, currency: str) -> str:
    """As `money`, but without cents from 10,000 on, for figures beside a bar."""
    if amount is None:
        return NOTHING
    return money(amount, currency, 0 if abs(amount) >= WITHOUT_CENTS else None)


def exact_money(amount: Decimal, currency: str) -> str:
    """As `money`, with more decimals where the amount has them: €0.255 of a fee."""
    return _signed(amount, max(minor_digits(currency), _decimals(amount)), *currency_affixes(currency))


def axis_money(amount: Decimal, currency: str) -> str:
    """€200 · −€200 · €1.5k · €2M · 1,5k € in German, for the ticks of an axis."""
    before, after = currency_affixes(currency)
    for unit, power in (("M", 6), ("k", 3)):
        if abs(amount) >= 10**power:
            scaled = amount.scaleb(-power)
            return _signed(scaled, _decimals(scaled), before, unit + after)
    return _signed(amount, _decimals(amount), before, after)


def axis_count(value: Decimal) -> str:
    """200 · 1.5k · 2M, for the ticks of an axis."""
    for unit, power in (("M", 6), ("k", 3)):
        if abs(value) >= 10**power:
            scaled = value.scaleb(-power)
            return _signed(scaled, _decimals(scaled), "", unit)
    return _signed(value, _decimals(value))


def currency_affixes(currency: str) -> tuple[str, str]:
    """What stands before and after an amount: the symbol (€, CA$), with a no-break space beside letters."""
    symbol, numbers = get_currency_symbol(currency, LOCALE), locales.numbers()
    space = "\u00a0" if numbers.is_symbol_spaced or symbol[-1].isalpha() else ""
    return (f"{symbol}{space}", "") if numbers.is_symbol_first else ("", f"{space}{symbol}")


def count(value: int | None) -> str:
    """1,234."""
    return NOTHING if value is None else _signed(Decimal(value), 0)


def counted(value: int, one: str) -> str:
    """1 order · 1,234 orders."""
    return f"{count(value)} {one if value == 1 else one + 's'}"


def listed(parts: Sequence[str]) -> str:
    """a · a and b · a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def orders_left_out(currencies: Sequence[LeftOut]) -> str:
    """2 orders in EUR and 1 order in CAD are not in these figures."""
    orders = listed([f"{counted(left_out.orders, 'order')} in {left_out.currency}" for left_out in currencies])
    verb = "is" if sum(left_out.orders for left_out in currencies) == 1 else "are"
    return f"{orders} {verb} not in these figures."


def ratio(value: Decimal | None) -> str:
    """2.05."""
    return NOTHING if value is None else _signed(value, 2)


def percent(fraction: Decimal | None, digits: int = 1) -> str:
    """0.256 → 25.6%."""
    return NOTHING if fraction is None else f"{_signed(fraction * 100, digits)}%"


def points(difference: Decimal) -> str:
    """0.056 → +5.6 points."""
    text = _signed(difference * 100, 1)
    return f"{'+' if difference > 0 else ''}{text} points"


def metric(name: str, value: Decimal | int | None, currency: str) -> str:
    """A metric's value in its unit, to the cent."""
    exact_value = None if value is None else Decimal(value)
    match DEFINITIONS[name].unit:
        case Unit.MONEY:
            return money(exact_value, currency)
        case Unit.SHARE:
            return percent(exact_value)
        case Unit.RATIO:
            return ratio(exact_value)
        case Unit.COUNT:
            return NOTHING if value is None else count(int(value))


def short_metric(name: str, value: Decimal | int | None, currency: str) -> str:
    """As `metric`, but money without cents from 10,000 on."""
    if value is not None and DEFINITIONS[name].unit is Unit.MONEY:
        return short_money(Decimal(value), currency)
    return metric(name, value, currency)


def change(value: Change) -> str:
    """+12.5% · -3.0% · 0.0% · new; from 1,000 % on without a decimal."""
    if value.fraction is None:
        return "new" if value.is_new else NOTHING
    text = percent(value.fraction, 0 if abs(value.fraction) >= 10 else 1)
    return f"+{text}" if value.fraction > 0 else text


def day(value: date) -> str:
    """21 Nov 2026."""
    return format_date(value, "d MMM y", LOCALE)


def weekday(value: date) -> str:
    """Sat 21 Nov 2026."""
    return format_date(value, "EEE d MMM y", LOCALE)


def period(value: Period) -> str:
    """1–21 Nov 2026 · 30 Oct – 28 Nov 2026 · 21 Nov 2026."""
    start, end = value.start, value.end
    if start == end:
        return day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end)}"
    first = format_date(start, "d MMM", LOCALE) if start.year == end.year else day(start)
    return f"{first} – {day(end)}"


def instant(value: datetime | None, zone: ZoneInfo) -> str:
    """21 Nov 2026, 14:02, on the store's clock."""
    if value is None:
        return NOTHING
    local = value.astimezone(zone)
    return f"{day(local)}, {local:%H:%M}"


def precise_instant(value: datetime | None, zone: ZoneInfo) -> str:
    """21 Nov 2026, 14:02:31, on the store's clock."""
    return NOTHING if value is None else f"{instant(value, zone)}:{value:%S}"


def clock(value: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """14:02 for today; any other day with its date."""
    if value is None:
        return NOTHING
    local = value.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else instant(value, zone)


def point(start: datetime, grain: Grain, zone: ZoneInfo, dated: bool = False) -> str:
    """The name of a point of a series: 14:00 · Sat 21 Nov 2026 · Week from 16 Nov 2026 · Nov 2026.

    `dated` adds the day to an hour.
    """
    local = start.astimezone(zone)
    match grain:
        case Grain.HOUR:
            return f"{day(local)}, {local:%H:%M}" if dated else f"{local:%H:%M}"
        case Grain.DAY:
            return weekday(local)
        case Grain.WEEK:
            return f"Week from {day(local)}"
        case Grain.MONTH:
            return format_date(local, "MMM y", LOCALE)


def status_text(status: str | None) -> str:
    """Shopify's name of a status in words: partially_refunded → Partially refunded."""
    return status.replace("_", " ").capitalize() if status else NOTHING


def ago(value: datetime | None, now: datetime) -> str:
    """The time since, in the largest unit that fits: just now, 5 min ago, 3 h ago, 2 days ago."""
    if value is None:
        return NOTHING
    elapsed = now - value
    if elapsed < timedelta(minutes=1):
        return "just now"
    if elapsed < timedelta(hours=1):
        return f"{elapsed // timedelta(minutes=1)} min ago"
    if elapsed < timedelta(days=1):
        return f"{elapsed // timedelta(hours=1)} h ago"
    return f"{counted(elapsed // timedelta(days=1), 'day')} ago"


def exact(amount: float | None) -> Decimal | None:
    """A float made for drawing, as the decimal that it shows; NaN becomes None."""
    # repr is the shortest text of the float, so 0.1 becomes Decimal("0.1") and not its binary neighbour.
    return None if amount is None or amount != amount else Decimal(repr(float(amount)))


def span(length: timedelta) -> str:
    """A duration in the largest unit that fits: 12 s, 3 min, 2 h 5 min."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _decimals(value: Decimal) -> int:
    """The number of decimals that the value needs."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _signed(value: Decimal, digits: int, before: str = "", after: str = "") -> str:
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{before}{locales.numbers().write(f'{abs(rounded):,.{digits}f}')}{after}"
