"""Answers questions that a reader composes: measures by one or two dimensions, narrowed by filters.

`question` has the closed lists of what can be asked, `sources` the SQL of each, `answer` asks.
"""

from core.metrics.explore.answer import Answer, Row, answer, values_of
from core.metrics.explore.question import Dimension, Filter, Measure, Question, ResultKey
from core.metrics.explore.statement import answer_statement, filter_parameters, own_sort

__all__ = [
    "Answer",
    "Dimension",
    "Filter",
    "Measure",
    "Question",
    "ResultKey",
    "Row",
    "answer",
    "answer_statement",
    "filter_parameters",
    "own_sort",
    "values_of",
]
