"""PostgreSQL: sessions bound to a tenant, models, migrations, the embedded server and the job queue."""

from core.database.engines import MOST_EXPORTS, database_url, driver_conninfo, engine, pools
from core.database.schema import migrate
from core.database.sessions import (
    Statement,
    export_session,
    reading_session,
    run_at_once,
    system_session,
    tenant_session,
)
from core.database.store_key import StoreKey

__all__ = [
    "MOST_EXPORTS",
    "Statement",
    "StoreKey",
    "database_url",
    "driver_conninfo",
    "engine",
    "export_session",
    "migrate",
    "pools",
    "reading_session",
    "run_at_once",
    "system_session",
    "tenant_session",
]
