"""The terms of a split in the merchant's words, as bars. Pure; plain text, to be escaped where it is Markdown."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from core.metrics.bridges.bridge import Bridge
from core.metrics.bridges.split_rows import Split
from core.metrics.bridges.splits import Term
from dashboard.drawing import formats
from dashboard.drawing.bar_list import Bar
from dashboard.drawing.channels import channel_name
from dashboard.drawing.countries import country_name
from dashboard.drawing.sentences import PLUS

Address = Callable[[str | None], str]

TITLES = {
    Split.CAUSE: "Orders and basket",
    Split.STEP: "Discounts and returns",
    Split.CUSTOMER: "New and returning customers",
    Split.PRODUCT: "Products",
    Split.CHANNEL: "Sales channels",
    Split.COUNTRY: "Countries",
    Split.SOURCE: "Visit sources",
    Split.CAMPAIGN: "Campaigns",
    Split.CODE: "Discount codes",
}
_NAMES = {
    "placed": "Orders placed",
    "returns": "Returns",
    "edits": "Edits of orders",
    "gross_sales": "Gross sales",
    "discounts": "Discounts",
    "own_returns": "Returns of orders of the same period",
    "late_returns": "Returns of earlier orders",
    "new": "First orders of new customers",
    "returning": "Orders of returning customers",
}
_WITHOUT = {
    Split.PRODUCT: "Custom items and refund adjustments",
    Split.CHANNEL: "Unknown channel",
    Split.COUNTRY: "Unknown country",
    Split.SOURCE: "Without a known visit",
    Split.CAMPAIGN: "Without a campaign",
    Split.CODE: "Without a code",
}


def term_name(split: Split, key: str | None, title: str | None = None) -> str:
    """The name of a term; `title` is that of its product."""
    if key is None:
        return _WITHOUT.get(split, "Others")
    match split:
        case Split.PRODUCT:
            return title or "Unknown product"
        case Split.CHANNEL:
            return channel_name(key)
        case Split.COUNTRY:
            return country_name(key) or key
        case Split.SOURCE | Split.CAMPAIGN | Split.CODE:
            return key
        case _:
            return _NAMES.get(key, key)


def cause_bars(causes: Bridge, address: Address, currency: str) -> list[Bar]:
    """The terms of the bridge, each with the address of its orders."""
    named = (
        ("More or fewer orders", "placed", causes.orders, "at the average order value of before"),
        ("Bigger or smaller baskets", "placed", causes.order_value, "change of the average order value"),
        ("Returns", "returns", causes.returns, "positive if less came back"),
        ("Edits of orders", "edits", causes.edits, "goods added or removed after the order"),
    )
    return [_bar(name, amount, currency, address(key), note) for name, key, amount, note in named]


def term_bars(
    split: Split, terms: tuple[Term, ...], others: Term | None, address: Address, currency: str
) -> list[Bar]:
    """The terms with their amounts before and now; the term of all others opens nothing."""
    bars = [
        _bar(
            term_name(split, term.key, term.title),
            term.change,
            currency,
            address(term.key),
            before_now(term, currency),
        )
        for term in terms
    ]
    if others:
        bars.append(
            _bar(f"{formats.count(others.parts)} others", others.change, currency, None, before_now(others, currency))
        )
    return bars


def before_now(term: Term, currency: str) -> str:
    """€1,200.00 → €1,500.00."""
    return f"{formats.short_money(term.earlier, currency)} → {formats.short_money(term.current, currency)}"


def signed_money(amount: Decimal, currency: str) -> str:
    """+€300.00 · −€20.00 · €0.00, to the cent."""
    text = formats.money(amount, currency)
    return PLUS + text if amount > 0 else text


def _bar(name: str, amount: Decimal, currency: str, href: str | None, note: str) -> Bar:
    tone = "good" if amount > 0 else "bad" if amount < 0 else ""
    return Bar(name, amount, signed_money(amount, currency), href, note, tone)
