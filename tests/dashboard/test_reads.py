"""The cache is shared by all tenants: the rules that keep it from showing one tenant another's figures."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import text

from core.database import StoreKey, tenant_session
from core.domain.periods import Grain, Period
from dashboard import reads
from tests import factories as made
from tests.cast import Cast
from tests.core.metrics.conftest import Shop, shop_of

READS = Path(reads.__file__).parent
DASHBOARD = READS.parent

CACHES = {
    "reads/cache.py": {"cache_data"},
    "drawing/theme.py": {"cache"},
    "web/assets.py": {"cache"},
    "web/preloads.py": {"cache"},
    "drawing/locales.py": {"lru_cache"},
}
"""By file: the caches that it may use. All but that of reads keep what is the same for everybody."""
KEY = ["store", "revision", "currency"]
KEYS = {"contents": ["store", "read_at"]}
"""A read whose key begins otherwise: the contents hold no amounts, and change with a sync or an import."""


def cached_functions() -> list[ast.FunctionDef]:
    return [
        node
        for node in read_functions()
        if any(ast.unparse(decorator) == "cached" for decorator in node.decorator_list)
    ]


def read_functions() -> list[ast.FunctionDef]:
    """The functions of all modules of the package but `cache`, which makes a function a cached one."""
    paths = [path for path in sorted(READS.glob("*.py")) if path.name != "cache.py"]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    return [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]


def test_only_reads_caches() -> None:
    for path in DASHBOARD.rglob("*.py"):
        names = {
            getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(ast.parse(path.read_text("utf-8")))
        }
        caches = names & {"cache_data", "cache_resource", "cache", "lru_cache", "experimental_memo"}
        assert caches <= CACHES.get(str(path.relative_to(DASHBOARD)), set()), path


def test_everything_that_reads_answers_is_cached() -> None:
    public = {name for name, _ in inspect.getmembers(reads, inspect.isroutine)} | {
        name for name, value in inspect.getmembers(reads) if hasattr(value, "clear") and callable(value)
    }
    cached = [node.name for node in cached_functions()]
    assert sorted(cached) == sorted(public), "each name stands once, is cached, and can be read from the package"
    assert sorted(cached) == sorted(node.name for node in read_functions() if node.name[0] != "_")
    assert len(cached) >= 9


@pytest.mark.parametrize("function", cached_functions(), ids=lambda function: function.name)
def test_tenant_store_revision_and_currency_are_in_every_key(function: ast.FunctionDef) -> None:
    arguments = [argument.arg for argument in function.args.args]
    assert arguments[: len(KEYS.get(function.name, KEY))] == KEYS.get(function.name, KEY)
    assert ast.unparse(function.args.args[0].annotation or ast.Constant(None)) == "StoreKey"
    assert [field.name for field in fields(StoreKey)] == ["tenant_id", "store_id"]
    assert not function.args.vararg
    assert not function.args.kwonlyargs
    assert not function.args.kwarg
    assert not any(argument.startswith("_") for argument in arguments), "Streamlit leaves these out of the key"


@pytest.mark.parametrize("function", cached_functions(), ids=lambda function: function.name)
def test_no_cached_function_reads_the_viewer_from_elsewhere(function: ast.FunctionDef) -> None:
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    assert not names & {"st", "state", "session_state"}


@pytest.fixture
def acme(cast: Cast) -> Shop:
    return shop_of(cast.acme)


@pytest.fixture
def november(acme: Shop) -> Period:
    return acme.days("2026-11-01", "2026-11-30")


def test_charlie_gets_nothing_of_alices_cached_answer(acme: Shop, cast: Cast, november: Period) -> None:
    acme.receive(made.order())
    store_id = acme.scope.store.store_id
    assert reads.report(StoreKey(cast.alice.tenant_id, store_id), 1, "EUR", november, Grain.DAY).whole.orders == 1
    assert reads.report(StoreKey(cast.charlie.tenant_id, store_id), 1, "EUR", november, Grain.DAY).whole.orders == 0


def test_an_answer_is_kept_until_the_store_has_news(acme: Shop, november: Period) -> None:
    acme.receive(made.order())
    store = acme.scope.store
    assert reads.report(store, 1, "EUR", november, Grain.DAY).whole.orders == 1
    with tenant_session(acme.scope.store.tenant_id) as session:
        session.execute(
            text("DELETE FROM orders WHERE tenant_id = :tenant_id"), {"tenant_id": acme.scope.store.tenant_id}
        )
    assert reads.report(store, 1, "EUR", november, Grain.DAY).whole.orders == 1, "kept"
    assert reads.report(store, 2, "EUR", november, Grain.DAY).whole.orders == 0, "asked anew"


def test_another_currency_is_another_question(acme: Shop, november: Period) -> None:
    acme.receive(made.order())
    key = (acme.scope.store, 1)
    assert reads.report(*key, "EUR", november, Grain.DAY).whole.orders == 1
    assert reads.report(*key, "USD", november, Grain.DAY).whole.orders == 0


def test_another_period_is_another_question(acme: Shop, november: Period) -> None:
    acme.receive(made.order())
    key = (acme.scope.store, 1, "EUR")
    assert reads.report(*key, november, Grain.DAY).whole.orders == 1
    assert reads.report(*key, acme.days("2026-10-01", "2026-10-31"), Grain.DAY).whole.orders == 0
    cut = acme.days("2026-11-01", "2026-11-30", until=made.PLACED)
    assert reads.report(*key, cut, Grain.DAY).whole.orders == 0
