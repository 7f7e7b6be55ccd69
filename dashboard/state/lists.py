"""What a tab remembers of a list: the question that its page answered, and the last click in its table."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

_QUESTION, _PAGE, _ROWS, _HIDDEN = "question of ", "page of ", "rows of ", "hidden columns of "


def is_new_question(name: str, question: tuple[object, ...], page: str) -> bool:
    """Whether the list answers another question than in the last run, but its address still has that run's page.

    Back and Forward change both, so they keep their page.
    """
    last = st.session_state.get(_QUESTION + name, (question, page))
    return bool(last[0] != question and last[1] == page)


def save_question(name: str, question: tuple[object, ...], page: str) -> None:
    """Keep question and page for the next run."""
    st.session_state[_QUESTION + name] = (question, page)


def last_event(component: str, name: str) -> dict[str, object]:
    """What the browser sent by the last click in this component; nothing in it is checked."""
    event = st.session_state[component].get(name)
    return dict(event) if isinstance(event, dict) else {}


def shown_page(table: str, last: int) -> int:
    """The page that a table shows, by its key; the first one at first, and never one after the `last`."""
    number = st.session_state.get(_PAGE + table, 1)
    return min(number, last) if isinstance(number, int) and number > 0 else 1


def turn_page(table: str) -> None:
    """Keep the page that the browser requested by its click on a table without a question of its own. A callback."""
    save_page(table, last_event(table, "turn").get("page"))


def save_page(table: str, page: object) -> None:
    """Keep the page of a table; `shown_page` checks it."""
    st.session_state[_PAGE + table] = page


def hidden_columns(name: str) -> str:
    """The columns that a reader hid in this list: in this tab, else in this browser; empty if nothing was chosen.

    The script of the list writes the cookie. Nothing in it is checked.
    """
    kept = st.session_state.get(_HIDDEN + name)
    return st.context.cookies.to_dict().get(columns_cookie(name), "") if kept is None else str(kept)


def save_hidden_columns(name: str, hidden: str) -> None:
    """Keep the hidden columns of a list for this tab; empty for those that the list hides by itself."""
    st.session_state[_HIDDEN + name] = hidden


def columns_cookie(name: str) -> str:
    """The name of the cookie in which a browser keeps the hidden columns of a list."""
    return f"xeno-columns-{name}"


def are_rows_open(caption: str) -> bool:
    """Whether the reader has opened the table of a chart, by its caption."""
    return bool(st.session_state.get(_ROWS + caption))


def open_rows(event: dict[str, object], captions: Collection[str]) -> None:
    """Keep whether the table of one of these charts is open, as the browser's click requested. A callback."""
    if event.get("caption") in captions:
        st.session_state[f"{_ROWS}{event['caption']}"] = bool(event.get("is_open"))
