"""Asks a question of Explore, within a limit of time: a reader may compose one that reads every order of a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.database import sqlstates
from core.domain.periods import Period
from core.errors import TooMuch
from core.metrics.explore.question import Dimension, Measure, Question, ResultKey
from core.metrics.explore.statement import (
    NAMES,
    answer_statement,
    count_statement,
    own_sort,
    parameters,
    values_statement,
    whole_statement,
)
from core.metrics.scope import Scope
from core.metrics.sorting import Sort

SECONDS = 5
"""How long one question may take on a page."""
Value = Decimal | int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A group: its values of the dimensions, each with its title if it is a product or variant, and its measures.

    A key is None for rows without a value. A day is its ISO date, a week or month its first day, a weekday 1 (Monday)
    to 7, an hour 0 to 23 of the store's clock.
    """

    keys: tuple[str | None, ...]
    titles: tuple[str | None, ...]
    values: Mapping[Measure, Value]


@dataclass(frozen=True, slots=True)
class Answer:
    """Some rows of the answer, how many there are of them all, and the measures over all of them."""

    rows: tuple[Row, ...]
    count: int
    whole: Mapping[Measure, Value]


def answer(
    session: Session,
    scope: Scope,
    period: Period,
    question: Question,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[ResultKey] | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Answer the question.

    Raises:
        TooMuch: it took longer than `seconds`.
    """
    given = parameters(scope, period, question)
    rows_statement = text(answer_statement(question, sort or own_sort(question)))
    with limited(session, seconds):
        whole = session.execute(text(whole_statement(question)), given).mappings().one()
        found = session.execute(rows_statement, {**given, "limit": limit, "offset": offset}).mappings().all()
        # Beyond the last row, no row has the count.
        count = (
            found[0]["row_count"] if found else session.execute(text(count_statement(question)), given).scalar_one()
        )
        names = NAMES[: len(question.dimensions)]
        rows = tuple(
            Row(
                tuple(row[name] for name in names),
                tuple(row[f"{name}_title"] for name in names),
                _measures(row, question),
            )
            for row in found
        )
    return Answer(rows, count, _measures(whole, question))


def values_of(
    session: Session, scope: Scope, period: Period, dimension: Dimension, limit: int, seconds: float = SECONDS
) -> tuple[tuple[str | None, str | None], ...]:
    """List the values of a dimension to filter by, each with its title; those with most net sales first.

    Raises:
        TooMuch: it took longer than `seconds`.
    """
    given = {**scope.within(period), "limit": limit}
    with limited(session, seconds):
        rows = session.execute(text(values_statement(dimension)), given).all()
    return tuple((row.first, row.title) for row in rows)


@contextmanager
def limited(session: Session, seconds: float) -> Iterator[None]:
    """Give each statement of the transaction so much time.

    Raises:
        TooMuch: one took longer.
    """
    session.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
    try:
        yield
    except DBAPIError as error:
        if not sqlstates.is_given_up(error):
            raise
        raise TooMuch(
            f"This question takes longer than {seconds:g} seconds. Choose a shorter period, one dimension less, "
            "or fewer figures."
        ) from error


def _measures(row: Mapping[Any, Any], question: Question) -> dict[Measure, Value]:
    return {measure: row[measure] for measure in question.measures}
