"""Runs a page of the dashboard as one of the cast, through the entry script, as the server does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.cast import Person, sign_in

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
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def component_data(app: AppTest, folder: str, caption: str = "") -> dict[str, Any]:
    """The data of the page's component of this folder; of several tables, that with this caption."""
    (data,) = [data for data in components(app, folder) if caption in ("", data.get("caption"))]
    return data


def components(app: AppTest, folder: str) -> list[dict[str, Any]]:
    """The data of all components of this folder, in the order of the page."""
    protos = [element.proto for element in app.get("bidi_component")]
    return [dict(json.loads(proto.json)) for proto in protos if proto.component_name == f"xeno.{folder}"]


def list_data(app: AppTest) -> dict[str, Any]:
    """The data of the page's list; without a list, one without rows."""
    drawn = [json.loads(element.proto.json) for element in _lists(app)]
    return dict(drawn[0]) if drawn else {"columns": [], "rows": []}


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
    data = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    return {
        table["caption"]: [[cell["text"] for cell in row] for row in table["rows"]]
        for table in data
        if "caption" in table
    }


def links(app: AppTest) -> dict[str, str]:
    """The addresses in all tables by their text."""
    data: list[dict[str, Any]] = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    cells = [cell for table in data for row in table.get("rows", ()) for cell in row]
    return {cell["text"]: cell["href"] for cell in cells if cell.get("href")}


def tiles(app: AppTest) -> dict[str, dict[str, Any]]:
    """The figures at the top of the page, by their label."""
    rows = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return {tile["label"]: tile for row in rows for tile in row.get("tiles", ())}


def sales_lines(app: AppTest) -> dict[str, dict[str, Any]]:
    """The lines from gross to total sales, by their label."""
    drawn = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return {line["label"]: line for table in drawn for line in table.get("lines", ())}


def _lists(app: AppTest) -> list[Any]:
    return [element for element in app.get("bidi_component") if element.proto.component_name == "xeno.table"]
