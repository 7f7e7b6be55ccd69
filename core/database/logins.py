"""The rights of a connection's login, and the check that a serving process cannot read across tenants."""

from __future__ import annotations

from sqlalchemy import Connection, text

from core import logs
from core.errors import ConfigError

APP_ROLE = "xeno_app"
"""The role that serves requests: it owns no table and bypasses no policy."""
OWNER, LOGIN = "xeno_owner", "xeno_login"
"""The roles of the embedded server: one for migrations, one for the processes that serve requests."""

log = logs.get(__name__)

_POWERS = text("""
    SELECT r.rolname AS name,
           r.rolsuper OR r.rolbypassrls OR EXISTS (
               SELECT FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
               WHERE pg_has_role(r.oid, c.relowner, 'USAGE')) AS passes_policies,
           to_regclass('public.stores') IS NOT NULL AND app.oid IS NOT NULL AS migrated,
           coalesce(has_table_privilege(to_regclass('public.stores'), 'SELECT'), false) AS may_read,
           coalesce(pg_has_role(r.oid, app.oid, 'MEMBER'), false) AS may_step_down
    FROM pg_roles r LEFT JOIN pg_roles app ON app.rolname = :app_role
    WHERE r.rolname = current_user
""")


def choose_role(connection: Connection) -> str | None:
    """Return the role to serve requests as: None for the login's own, `APP_ROLE` where the login's power is wrong.

    Logs a warning in the second case.

    Raises:
        ConfigError: the schema is missing, or the login may not become `APP_ROLE`.
    """
    powers = connection.execute(_POWERS, {"app_role": APP_ROLE}).one()
    if not powers.migrated:
        raise ConfigError("The database has no schema yet; run `python -m core.database migrate`.")
    if powers.may_read and not powers.passes_policies:
        return None
    if not powers.may_step_down:
        raise ConfigError(
            f"The login of DATABASE_URL may not take the role that serves requests; run, as an administrator of the "
            f'database: GRANT {APP_ROLE} TO "{powers.name}"'
        )
    log.warning(
        "the login of DATABASE_URL can read all tenants; each connection switches to xeno_app, but injected SQL "
        "could switch back: use a separate login, as the README says under 'On a server'",
        login=powers.name,
    )
    return APP_ROLE


def refuse_power(connection: Connection) -> None:
    """Raise ConfigError where this connection, as it is, could read across tenants."""
    powers = connection.execute(_POWERS, {"app_role": APP_ROLE}).one()
    if powers.passes_policies:
        raise ConfigError(
            f"This process could read across tenants: row-level security does not bind its role {powers.name}; "
            f"take SUPERUSER, BYPASSRLS and the ownership of Xeno's tables away from that role."
        )
