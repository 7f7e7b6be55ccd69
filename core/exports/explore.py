"""Exports an answer of Explore as a file, with a column for each dimension and measure."""

from __future__ import annotations

import json

from core.errors import InvalidInput
from core.exports.files import Export
from core.metrics.definitions import DEFINITIONS, Unit
from core.metrics.explore import Dimension, Question, ResultKey, answer_statement, filter_parameters, own_sort
from core.metrics.sorting import Sort

NAME = "explore"
_LONGEST = 8000
_KINDS = {Unit.MONEY: "level", Unit.COUNT: "number", Unit.SHARE: "share", Unit.RATIO: "ratio"}
_OVERLAPPING = frozenset({Dimension.TAG, Dimension.ORDER_TAG, Dimension.CODE})
"""A sale counts in each of its tags and codes."""
_ADDED = dict.fromkeys("net_sales gross_sales discounts returns shipping taxes total_sales".split(), "amount")
"""Money that may be added up over the rows. Orders and customers may not: one has several products, tags and days."""


def question_of(written: str) -> Question:
    """Read the question of an address.

    Raises:
        InvalidInput: it cannot be read.
    """
    if len(written) > _LONGEST:
        raise InvalidInput("The question is too long; choose fewer values for its filters.")
    try:
        return Question.from_json(json.loads(written))
    except (json.JSONDecodeError, RecursionError):
        raise InvalidInput("This question cannot be read; download the file from the Explore page.") from None


def export_of(question: Question) -> Export:
    """Make the file of a question; each dimension has a column of its values, and products one of their titles."""
    names = dict(zip(("first", "second"), question.dimensions, strict=False))
    columns = [f"{dimension}=text {dimension}_title=text" for dimension in question.dimensions]
    names_of_values = [name for dimension in question.dimensions for name in (dimension, f"{dimension}_title")]
    added = {} if _OVERLAPPING & set(question.dimensions) else _ADDED
    columns += [f"{name}={added.get(name, _KINDS[DEFINITIONS[name].unit])}" for name in question.measures]
    # Quoted, because "order" is a word of SQL.
    keys = ", ".join(f'{name} AS "{each}", {name}_title AS "{each}_title"' for name, each in names.items())

    def statement(sort: Sort[ResultKey]) -> str:
        # The names are members of enums.
        return f"SELECT {keys}, {', '.join(question.measures)} FROM ({answer_statement(question, sort)}) explored"

    return Export(
        statement,
        " ".join([*columns, "currency=currency"]),
        own_sort(question),
        title="Explore",
        row=" and ".join(str(dimension) for dimension in question.dimensions),
        meanings={name: f"value_of_{name}" for name in names_of_values},
    )


def parameters(question: Question) -> dict[str, object]:
    """The parameters of the question's filters."""
    return filter_parameters(question)
