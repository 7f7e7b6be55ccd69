"""No process serves with more power than to see one tenant at a time, with any login of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text
from structlog.testing import capture_logs

from core import database
from core.config import settings
from core.database.engines import Pools
from core.database.models import Order
from core.errors import ConfigError
from tests.cast import Cast
from tests.factories import order
from tests.stored import rows, write

Serve = Callable[[str], Engine]


@pytest.fixture
def role(database_url: str) -> Iterator[str]:
    """The name of a login that may only connect; its password is its name."""
    name = f"role_{uuid4().hex[:8]}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
        try:
            yield name
        finally:
            owner.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.fixture
def served_by(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Make a new engine for another login."""
    own = database.pools()
    served: list[Pools] = []

    def serve(name: str) -> Engine:
        url = make_url(database_url).set(username=name, password=name)
        monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        settings.cache_clear()
        database.pools.cache_clear()
        served.append(database.pools())
        return database.engine()

    yield serve
    for pools in served:
        pools.dispose()
    monkeypatch.undo()
    settings.cache_clear()
    database.pools.cache_clear()
    own.dispose()


def powers(database_url: str, *statements: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement)


@contextmanager
def owning(database_url: str, name: str) -> Iterator[None]:
    """A role owns a table that has a policy."""
    table = "CREATE TABLE scratch (tenant_id bigint); CREATE POLICY tenant ON scratch USING (tenant_id = 0)"
    powers(database_url, table, f"ALTER TABLE scratch OWNER TO {name}")
    try:
        yield
    finally:
        powers(database_url, "DROP TABLE scratch")


def current_user(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT current_user"))


def test_a_superusers_login_steps_down(cast: Cast) -> None:
    """The tests' own login is one: what they prove, they prove as the role that serves."""
    assert current_user(database.engine()) == "xeno_app"
    with database.engine().connect() as connection:
        connection.execute(text("RESET ROLE"))
        assert connection.scalar(text("SELECT current_user")) == "xeno_app", "that is what it resets to"


def test_an_owners_login_steps_down(database_url: str, role: str, served_by: Serve) -> None:
    powers(database_url, f"GRANT xeno_app TO {role}")
    with owning(database_url, role):
        served = served_by(role)

    assert current_user(served) == "xeno_app"


def test_a_login_that_bypasses_policies_steps_down(database_url: str, role: str, served_by: Serve) -> None:
    powers(database_url, f"ALTER ROLE {role} BYPASSRLS", f"GRANT xeno_app TO {role}")

    assert current_user(served_by(role)) == "xeno_app"


def test_a_login_that_could_read_across_tenants_is_warned_about_and_a_plain_one_is_not(
    database_url: str, role: str, served_by: Serve
) -> None:
    powers(database_url, f"GRANT xeno_app TO {role}")
    with capture_logs() as plain:
        served_by(role)
    powers(database_url, f"ALTER ROLE {role} BYPASSRLS")
    with capture_logs() as strong:
        served_by(role)

    assert plain == []
    assert [(line["log_level"], line["login"]) for line in strong] == [("warning", role)]
    assert "use a separate login, as the README says" in strong[0]["event"]


def test_a_plain_login_serves_as_itself(cast: Cast, database_url: str, role: str, served_by: Serve) -> None:
    powers(database_url, f"GRANT xeno_app TO {role}")

    assert current_user(served_by(role)) == role
    write(cast.acme, order())
    assert len(rows(cast.acme, Order)) == 1
    assert rows(cast.globex, Order) == []


@pytest.mark.parametrize("power", ["NOSUPERUSER", "BYPASSRLS"])
def test_a_login_that_cannot_step_down_is_refused_with_what_to_run(
    database_url: str, role: str, served_by: Serve, power: str
) -> None:
    powers(database_url, f"ALTER ROLE {role} {power}")

    with pytest.raises(ConfigError, match=f'run, as an administrator of the database: GRANT xeno_app TO "{role}"'):
        served_by(role)


def test_a_process_whose_role_owns_tables_refuses_to_start(database_url: str, role: str, served_by: Serve) -> None:
    """Even after stepping down: the role itself was given a table."""
    powers(database_url, f"GRANT xeno_app TO {role}")

    with (
        owning(database_url, "xeno_app"),
        pytest.raises(ConfigError, match=r"could read across tenants: .* its role xeno_app; take SUPERUSER"),
    ):
        served_by(role)
