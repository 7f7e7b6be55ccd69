"""How the reader's locale writes numbers: separators, and the place of a currency's symbol. Words stay English.

The locale is the browser's. Each text asks for it when it is made, in the run of its reader, and no cache holds
texts. So no reader gets another reader's separators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError

ENGLISH = "en"
_LONGEST = 35
"""Characters of a language tag, by RFC 5646."""
_NAMES: dict[str, Callable[[], str | None]] = {}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The signs of a locale's numbers: what stands before and after an amount around the currency's symbol."""

    decimal: str
    group: str
    is_symbol_first: bool
    is_symbol_spaced: bool

    def write(self, text: str) -> str:
        """A number as Python writes it (1,234.50) with these separators."""
        return text.translate({ord(","): self.group, ord("."): self.decimal})

    @property
    def separators(self) -> str:
        """Both separators, as Plotly takes them."""
        return self.decimal + self.group


def read_from(name_of_reader: Callable[[], str | None]) -> None:
    """Ask `name_of_reader` for the locale of the reader of each text; without a reader, it returns None."""
    _NAMES["reader"] = name_of_reader


def numbers() -> Numbers:
    """The numbers of the reader's locale; English ones for an unknown locale."""
    name = _NAMES["reader"]() if _NAMES else None
    return of(name if name and len(name) <= _LONGEST else ENGLISH)


@lru_cache(maxsize=256)
def of(name: str) -> Numbers:
    """The numbers of a locale by its language tag, as a browser sends it: de-DE. They have Western digits."""
    try:
        locale = Locale.parse(name, sep="-")
    except (ValueError, UnknownLocaleError):
        locale = Locale.parse(ENGLISH)
    signs = locale.number_symbols["latn"]
    pattern = locale.currency_formats["standard"]
    before, after = pattern.prefix[0], pattern.suffix[0]
    is_first = "¤" in before
    return Numbers(signs["decimal"], signs["group"], is_first, "\u00a0" in (before if is_first else after))
