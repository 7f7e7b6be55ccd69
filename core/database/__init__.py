"""PostgreSQL: sessions bound to a tenant, models, migrations, the embedded server and the job queue."""

from core.database.engines import MOST_EXPORTS, database_url, driver_conninfo, engine
from core.database.schema import migrate
from core.database.sessions import Statement, at_once, export_session, system_session, tenant_session
from core.database.store_key import StoreKey

__all__ = [
    "MOST_EXPORTS",
    "Statement",
    "StoreKey",
    "at_once",
    "database_url",
    "driver_conninfo",
    "engine",
    "export_session",
    "migrate",
    "system_session",
    "tenant_session",
]
