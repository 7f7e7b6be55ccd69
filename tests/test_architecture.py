"""The house rules as tests: who may import whom, what is said in one place only, and how long things may get."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOORS = ("dashboard", "webhook_receiver")

RUNGS = (
    ("errors", "logs"),
    ("domain", "network"),
    ("config", "shopify"),
    ("database", "sealing", "simulator"),
    ("accounts", "ingest", "metrics", "stores"),
    ("exchange", "rollups", "targets"),
    ("costs", "exports", "privacy", "reports", "sync"),
    ("imports", "reconcile", "webhooks"),
    ("connections",),
    ("admin", "demo", "worker"),
)
"""Rooms of core from the ground up: each imports from below only, so there are no circles between rooms.

The doors, dashboard and webhook_receiver, stand on all of it.
"""

SIMULATOR_RUNGS = (("shop",), ("admin_api", "life"), ("webhooks",), ("http",))
"""Rooms of core.simulator from the ground up, by the same rule.

What happens in a shop (`life`) names the webhooks that it causes; it knows neither their bodies nor the API.
"""

DASHBOARD_RUNGS = (
    ("addresses", "components", "drawing", "navigation"),
    ("web",),
    ("state",),
    ("filters", "live_reads", "reads"),
    ("parts",),
    ("app_pages",),
    ("server", "streamlit_app"),
)
"""Rooms and modules of the dashboard from the ground up, likewise."""

FORBIDDEN = {
    "core": ("streamlit", "flask", "dashboard", "webhook_receiver"),
    "core.domain": ("sqlalchemy", "psycopg", "requests"),
    "core.shopify": ("sqlalchemy", "psycopg", "core.database", "core.config"),
    "core.ingest": ("core.shopify", "requests"),
    "core.simulator": ("core.domain", "core.shopify"),
    "core.metrics": ("core.shopify", "core.ingest", "pandas", "requests"),
    "core.accounts": ("core.shopify", "requests"),
    "core.stores.rows": ("core.shopify.client", "requests"),
    "dashboard": (
        *("webhook_receiver", "flask", "requests", "core.database.models", "core.ingest", "core.shopify.client"),
        *("core.shopify.pages", "core.simulator", "core.stores.clients", "core.sync.steps", "core.webhooks.apply"),
        "core.worker",
    ),
    "dashboard.drawing": ("core.database", "sqlalchemy", "starlette"),
    "dashboard.parts": ("sqlalchemy", "starlette"),
    "dashboard.app_pages": ("sqlalchemy", "core.database", "pandas", "plotly"),
    "webhook_receiver": (
        *("dashboard", "streamlit", "pandas", "requests", "core.accounts", "core.ingest", "core.shopify.client"),
        *("core.shopify.mapping", "core.shopify.pages", "core.stores.clients", "core.sync", "core.webhooks.apply"),
        "core.worker",
    ),
}
"""The modules that a room, and everything in it, never imports."""

COMMERCE = {"Customer", "LineItem", "Order", "Product", "Refund", "RefundLine", "Sale", "ShippingLine", "Variant"}

ONLY_LOOK = {
    *("core.privacy.requests", "core.stores.history"),
    *("core.sync.customer_statistics", "core.sync.late_parts", "core.sync.refetch"),
    *("core.reconcile.days", "core.reconcile.gaps", "core.reconcile.inferred_deletions", "core.reconcile.runs"),
    "core.webhooks.confirm_rules",
}
"""Who reads the tables of commerce beside `core.ingest`, which alone writes them, and `core.metrics`, which asks in
SQL."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): path
    for room in ("core", *DOORS)
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def imports(name: str) -> set[str]:
    """What a module imports, wherever in it, as full names: modules of ours as deep as they go."""
    names = set[str]()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively; say the whole name"
            module = node.module or ""
            inner = {f"{module}.{alias.name}" for alias in node.names}
            names |= {full if full in MODULES else module for full in inner}
    return names


IMPORTS = {name: imports(name) for name in MODULES}


def is_in(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


def room_of(name: str) -> str:
    """The room of core or of a door that a module is in."""
    return name.split(".")[1] if "." in name else name


def rung_of(room: str) -> int:
    return next(number for number, rooms in enumerate(RUNGS) if room in rooms)


def test_one_module_names_the_tables_of_the_job_library() -> None:
    named = [name for name, path in MODULES.items() if "procrastinate_" in path.read_text()]
    assert named == ["core.database.job_tables"]


def test_every_room_of_core_has_its_rung() -> None:
    rooms = {room_of(name) for name in MODULES if name.startswith("core.")}
    assert rooms == {room for rung in RUNGS for room in rung}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("core.")])
def test_a_room_imports_only_from_the_rungs_below_it(name: str) -> None:
    room = room_of(name)
    above = [
        other
        for other in IMPORTS[name]
        if is_in(other, "core") and room_of(other) not in (room, "core") and rung_of(room_of(other)) >= rung_of(room)
    ]
    assert above == []


@pytest.mark.parametrize("name", [name for name in MODULES if re.match(r"core\.simulator\.\w+\.", name)])
def test_a_room_of_the_simulator_imports_only_from_the_rungs_below_it(name: str) -> None:
    rungs = {room: number for number, rooms in enumerate(SIMULATOR_RUNGS) for room in rooms}
    room = name.split(".")[2]
    others = [other for other in IMPORTS[name] if re.match(r"core\.simulator\.\w+\.", other)]
    above = [other for other in others if other.split(".")[2] != room and rungs[other.split(".")[2]] >= rungs[room]]
    assert above == []


def test_every_room_of_the_dashboard_has_its_rung() -> None:
    rooms = {room_of(name) for name in MODULES if name.startswith("dashboard.")}
    assert rooms == {room for rung in DASHBOARD_RUNGS for room in rung}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("dashboard.")])
def test_a_room_of_the_dashboard_imports_only_from_the_rungs_below_it(name: str) -> None:
    """So drawing knows no state, and a part no page."""
    rungs = {room: number for number, rooms in enumerate(DASHBOARD_RUNGS) for room in rooms}
    room = room_of(name)
    above = [
        other
        for other in IMPORTS[name]
        if other.startswith("dashboard.") and room_of(other) != room and rungs[room_of(other)] >= rungs[room]
    ]
    assert above == []


@pytest.mark.parametrize("name", [name for name in MODULES if is_in(name, "dashboard.drawing")])
def test_drawing_knows_streamlits_colours_and_nothing_else_of_it(name: str) -> None:
    streamlit = {other for other in IMPORTS[name] if is_in(other, "streamlit")}
    assert streamlit <= {"streamlit.elements.lib.streamlit_plotly_theme"}


def test_no_module_imports_itself_by_way_of_others() -> None:
    def circle(name: str, path: tuple[str, ...]) -> tuple[str, ...] | None:
        if name in path:
            return (*path[path.index(name) :], name)
        if name in done:
            return None
        for other in sorted(IMPORTS[name] & MODULES.keys()):
            if other != name and (found := circle(other, (*path, name))):
                return found
        done.add(name)
        return None

    done: set[str] = set()
    assert [found for name in MODULES if (found := circle(name, ()))] == []


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_keeps_out_what_is_not_its_business(room: str) -> None:
    strays = [
        f"{name} imports {other}"
        for name in MODULES
        if is_in(name, room)
        for other in IMPORTS[name]
        for forbidden in FORBIDDEN[room]
        if is_in(other, forbidden)
    ]
    assert strays == []


def test_of_the_dashboard_only_the_simulators_page_knows_the_demo() -> None:
    """A server is installed without the demo's packages."""
    users = {
        name for name in MODULES if is_in(name, "dashboard") and any(is_in(x, "core.demo") for x in IMPORTS[name])
    }
    parts = {f"dashboard.parts.simulator.{noun}" for noun in ("comparison", "events", "faults")}
    assert users == {"dashboard.app_pages.simulator", *parts}


def test_the_receiver_starts_without_loading_what_it_has_no_use_for() -> None:
    """It has to be up at once after a crash, and small: no pages, no tables of numbers, no worker."""
    program = (
        "import sys, webhook_receiver; "
        "print([name for name in ('streamlit', 'pandas', 'plotly', 'core.ingest', 'core.worker', 'core.simulator') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_dashboard_imports_its_own_modules_by_their_full_name() -> None:
    """Under its bare name a module is loaded a second time, with a second state."""
    own = {path.stem for path in (ROOT / "dashboard").rglob("*.py")}
    bare = [
        f"{name} imports {other}"
        for name in MODULES
        if is_in(name, "dashboard")
        for other in IMPORTS[name]
        if other.split(".")[0] in own - {"dashboard"} and other.split(".")[0] not in sys.stdlib_module_names
    ]
    assert bare == []


def test_no_file_of_the_dashboard_hides_a_library() -> None:
    """Its folder stands first on the path of a running Streamlit."""
    installed = {"streamlit", "plotly", "pandas", "requests", "core", "flask", "sqlalchemy", "psycopg"}
    assert {path.stem for path in (ROOT / "dashboard").glob("*")} & (installed | sys.stdlib_module_names) == set()


def lines_saying(pattern: str) -> set[str]:
    """The modules whose code, without its docstrings and comments, matches."""
    return {name for name, code in _code().items() if re.search(pattern, code)}


@cache
def _code() -> dict[str, str]:
    return {name: ast.unparse(_without_docstrings(tree)) for name, tree in TREES.items()}


def _without_docstrings(tree: ast.Module) -> ast.Module:
    copy = deepcopy(tree)
    for node in ast.walk(copy):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                statement
                for statement in body
                if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
            ] or [ast.Pass()]
    return copy


def test_the_tenant_of_a_transaction_is_set_in_one_place() -> None:
    assert lines_saying(r"app\.tenant_id|set_config") == {"core.database.sessions"}


def test_the_tables_of_commerce_are_written_by_ingest_alone() -> None:
    users = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "core.database.models"
        if COMMERCE & {alias.name for alias in node.names}
    }
    assert {name for name in users if not is_in(name, "core.ingest")} == ONLY_LOOK
    tables = "orders|line_items|shipping_lines|refunds|refund_lines|sales|customers|products|variants"
    in_words = rf"(INSERT INTO|UPDATE|DELETE FROM) ({tables})\b"
    by_model = rf"\b(insert|update|delete)\(({'|'.join(sorted(COMMERCE))})\b"
    assert lines_saying(in_words) == set()
    assert {name for name in lines_saying(by_model) if not is_in(name, "core.ingest")} == set()


def test_reads_are_cached_in_one_place_and_the_session_is_named_in_one_place() -> None:
    assert {name for name in lines_saying(r"cache_data|cache_resource") if is_in(name, "dashboard")} <= {
        "dashboard.reads.cache"
    }
    assert lines_saying(r"session_state") == {
        f"dashboard.state.{name}"
        for name in (
            "arrivals",
            "carried",
            "forms",
            "links",
            "lists",
            "messages",
            "session",
            "shown_days",
            "shown_store",
            "viewer",
        )
    }


def functions() -> Iterator[tuple[str, int]]:
    """Every function of the product with its length in lines, decorators left out."""
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{name}.{node.name}", node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_a_page() -> None:
    assert [(name, length) for name, length in functions() if length > 70] == []


def test_most_functions_can_be_read_at_a_glance() -> None:
    lengths = [length for _, length in functions()]
    assert statistics.median(lengths) <= 10
    assert statistics.quantiles(lengths, n=10)[-1] <= 35


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_no_page_is_longer_than_a_hundred_lines() -> None:
    pages = (ROOT / "dashboard" / "app_pages").glob("*.py")
    assert {page.name: length for page in pages if (length := len(page.read_text().splitlines())) > 100} == {}


def test_a_page_is_a_straight_script() -> None:
    """Functions and classes stand in parts, where other pages and tests can use them."""
    definitions = [
        f"{name}: {node.name}"
        for name, tree in TREES.items()
        if is_in(name, "dashboard.app_pages")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert definitions == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, tree in TREES.items() if not ast.get_docstring(tree) and tree.body]
    assert silent == []
