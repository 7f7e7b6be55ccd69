"""What a tab remembers of a list: the question that its page answered, and the last click in its table."""

from __future__ import annotations

import streamlit as st

_QUESTION, _PAGE = "question of ", "page of "


def is_new_question(name: str, question: tuple[object, ...], page: str) -> bool:
    """Whether the list answers another question than in the last run, but its address still has that run's page.

    Back and Forward change both, so they keep their page.
    """
    last = st.session_state.get(_QUESTION + name, (question, page))
    return bool(last[0] != question and last[1] == page)


def save_question(name: str, question: tuple[object, ...], page: str) -> None:
    """Keep question and page for the next run."""
    st.session_state[_QUESTION + name] = (question, page)


def last_turn(name: str) -> dict[str, object]:
    """The sort and page that the browser requested by its last click; nothing in it is checked."""
    turn = st.session_state[name].get("turn")
    return dict(turn) if isinstance(turn, dict) else {}


def shown_page(table: str, last: int) -> int:
    """The page that a table shows, by its key; the first one at first, and never one after the `last`."""
    number = st.session_state.get(_PAGE + table, 1)
    return min(number, last) if isinstance(number, int) and number > 0 else 1


def turn_page(table: str) -> None:
    """Keep the page that the browser requested by its click on a table without a question of its own. A callback."""
    st.session_state[_PAGE + table] = last_turn(table).get("page")
