"""Columns of a table: what each holds, and how Streamlit shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core.metrics.definitions import DEFINITIONS


class Kind(Enum):
    """The kind of value in a column."""

    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    INSTANT = "instant"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, its kind, and a sentence about it; `pinned` stays in sight when scrolled."""

    header: str
    kind: Kind = Kind.TEXT
    help: str | None = None
    pinned: bool = False

    def config(self, time_zone: ZoneInfo, money_pattern: str | None) -> Any:
        """The column for `st.dataframe`; amounts are text without a `money_pattern`."""
        common: dict[str, Any] = {"help": self.help, "pinned": self.pinned or None}
        match self.kind:
            case Kind.TEXT:
                return st.column_config.TextColumn(self.header, **common)
            case Kind.COUNT:
                return st.column_config.NumberColumn(self.header, format="%,d", **common)
            case Kind.MONEY:
                return st.column_config.NumberColumn(self.header, format=money_pattern, **common)
            case Kind.INSTANT:
                return st.column_config.DatetimeColumn(
                    self.header, format="D MMM YYYY, HH:mm", timezone=time_zone.key, **common
                )
            case Kind.FLAG:
                return st.column_config.CheckboxColumn(self.header, **common)


def metric_column(metric: str, kind: Kind = Kind.MONEY) -> Column:
    """A column of a metric: its name, with its definition beside it."""
    return Column(DEFINITIONS[metric].label, kind, DEFINITIONS[metric].meaning)
