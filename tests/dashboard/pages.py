"""Runs a page of the dashboard as one of the cast, through the entry script, as the server does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.cast import Person, sign_in

_CSV = re.compile(r'href="([^"]*\.csv\?[^"]*)"')
ENTRY = Path(__file__).parents[2] / "dashboard" / "streamlit_app.py"


def open_signed_out() -> AppTest:
    """Open the dashboard without a session."""
    return AppTest.from_file(ENTRY, default_timeout=30).run()


def open_page(person: Person, page: str = "overview", token: str | None = None) -> AppTest:
    """Open a page and run it once. `page` is the name of its file."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    # AppTest has no cookies; a browser's session cookie would end up here.
    app.session_state["session_token"] = token or sign_in(person)
    app.run()
    if page != "overview":
        app.switch_page(f"app_pages/{page}.py").run()
    return app


def open_link(kind: str, token: str, person: Person | None = None) -> AppTest:
    """Open the page of a link, signed in as this person, or signed out."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    app.query_params["link"] = kind
    # AppTest has no cookies; a browser's link cookie would end up here.
    app.session_state[f"token of the link of kind {kind}"] = token
    if person is not None:
        app.session_state["session_token"] = sign_in(person)
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of this label."""
    (button,) = [button for button in app.button if button.label == label]
    app = button.click().run()
    assert not app.exception
    return app


def type_in(app: AppTest, label: str, value: str, place: int = 0) -> None:
    """Type into the entry of this label; the first of several, or another `place`."""
    [entry for entry in app.text_input if entry.label == label][place].set_value(value)


def button_labels(app: AppTest) -> set[str]:
    """The labels of all buttons."""
    return {button.label for button in app.button}


def page_text(app: AppTest) -> str:
    """Every text of the page in one string."""
    kinds = (
        app.title,
        app.subheader,
        app.markdown,
        app.caption,
        app.text,
        app.info,
        app.warning,
        app.error,
        app.success,
    )
    texts = [str(element.value) for kind in kinds for element in kind]
    return "\n".join(texts + [card[name] for card in cards(app) for name in ("title", "unit", "empty")])


def component_data(app: AppTest, folder: str, caption: str = "") -> dict[str, Any]:
    """The data of the page's component of this folder; of several tables, that with this caption."""
    (data,) = [data for data in components(app, folder) if caption in ("", data.get("caption"))]
    return data


def components(app: AppTest, folder: str) -> list[dict[str, Any]]:
    """The data of all components of this folder, in the order of the page: alone, or in a card."""
    return [data for name, data in _drawn(app) if name == folder]


def cards(app: AppTest) -> list[dict[str, Any]]:
    """The cards of the page that one component draws."""
    return [card for name, data in _mounted(app) if name == "cards" for card in data["cards"]]


def titles(app: AppTest) -> list[str]:
    """The titles of sections and cards."""
    return [heading.value for heading in app.subheader] + [card["title"] for card in cards(app)]


def downloads(app: AppTest) -> list[str]:
    """The address of the first file of each download menu, as CSV: those in the page itself, then those of cards."""
    menus = (_CSV.search(menu.proto.body) for menu in app.get("html"))
    return [unescape(link[1]) for link in menus if link] + [card["csv"] for card in cards(app) if card["csv"]]


def list_data(app: AppTest) -> dict[str, Any]:
    """The data of the page's list; without a list, one without rows."""
    drawn = components(app, "table")
    return drawn[0] if drawn else {"columns": [], "rows": []}


def listed(app: AppTest) -> list[dict[str, str]]:
    """The rows of the page's list, each as its texts by column."""
    data = list_data(app)
    names = [column["name"] for column in data["columns"]]
    return [dict(zip(names, (cell["text"] for cell in row), strict=True)) for row in data["rows"]]


def open_record(person: Person, page: str, **query: str) -> AppTest:
    """Open the page of a record by its address, as a link or a bookmark does."""
    app = AppTest.from_file(ENTRY, default_timeout=30)
    app.session_state["session_token"] = sign_in(person)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(f"app_pages/{page}.py").run()


def tables(app: AppTest) -> dict[str, list[list[str]]]:
    """The texts of every table by its title."""
    return {
        table["caption"]: [[cell["text"] for cell in row] for row in table["rows"]]
        for table in components(app, "table")
    }


def links(app: AppTest) -> dict[str, str]:
    """The addresses in all tables by their text."""
    cells = [cell for table in components(app, "table") for row in table["rows"] for cell in row]
    return {cell["text"]: cell["href"] for cell in cells if cell.get("href")}


def tiles(app: AppTest) -> dict[str, dict[str, Any]]:
    """The figures at the top of the page, by their label."""
    rows = components(app, "tile")
    return {tile["label"]: tile for row in rows for tile in row.get("tiles", ())}


def sales_lines(app: AppTest) -> dict[str, dict[str, Any]]:
    """The lines from gross to total sales, by their label."""
    return {line["label"]: line for table in components(app, "tile") for line in table.get("lines", ())}


def _drawn(app: AppTest) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the data of each component, those in cards among them."""
    for name, data in _mounted(app):
        if name != "cards":
            yield name, data
        for card in data.get("cards", ()):
            if card["kind"]:
                yield card["kind"], card["content"]
            if card["kind"] == "map":
                yield "bars", card["content"]["list"]
            if card["rows"] and card["rows"]["table"]:
                yield "table", card["rows"]["table"]


def _mounted(app: AppTest) -> Iterator[tuple[str, dict[str, Any]]]:
    for element in app.get("bidi_component"):
        yield element.proto.component_name.removeprefix("xeno."), json.loads(element.proto.json)
