"""The tasks about single stores, and mails, each in a few lines; `core.worker.schedule` queues some of them.

A job may run twice, because a worker can die between its work and the note that it is done. All tasks are idempotent.

The job of a run (a sync, a check, an import, a remap) passes through four functions:
1. The task here passes the store's key and the run's id to `work_on` of its kind, such as `core.sync.steps`.
2. That `work_on` says what one step is, and passes it to `core.sync.run_life.work_on`. The run is claimed; the error
   of a step decides whether the run retries, fails or stops.
3. `core.sync.time_slice.take_steps` takes steps until none is left or some seconds have passed.
4. A step does the work: a page of `core.sync.steps`, a day of `core.reconcile.work`, a batch of `core.imports.load`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core import accounts, logs, reconcile, rollups
from core.connections import subscriptions
from core.database import StoreKey
from core.database.jobs import Task
from core.errors import MailRefused, PermanentError
from core.imports import load
from core.ingest import business_dates
from core.privacy import erase
from core.sync import customer_statistics, refetch, remap, steps
from core.webhooks import apply, confirm
from core.worker.registration import RETRY, RETRY_ALWAYS, RETRY_MAIL, app, stopping, task_of_store

log = logs.get(__name__)


@task_of_store(Task.APPLY_DELIVERIES, RETRY)
def apply_deliveries(store: StoreKey) -> None:
    apply.apply_slice(store)


@task_of_store(Task.REFETCH_ORDERS, RETRY)
def refetch_orders(store: StoreKey) -> None:
    refetch.work_on(store, stop=stopping)


@task_of_store(Task.CONFIRM_DELIVERIES, RETRY_ALWAYS)
def confirm_deliveries(store: StoreKey) -> None:
    confirm.confirm_due(store, stop=stopping)


@task_of_store(Task.CHECK_SUBSCRIPTIONS, RETRY)
def check_subscriptions(store: StoreKey) -> None:
    try:
        subscriptions.check_store(store, datetime.now(UTC))
    except PermanentError as error:
        log.warning("webhook subscriptions could not be checked", reason=str(error))


@task_of_store(Task.REDATE_SALES, RETRY)
def redate_sales(store: StoreKey) -> None:
    business_dates.recompute(store, stop=stopping)


@task_of_store(Task.ERASE_BODIES, RETRY_ALWAYS)
def erase_bodies(store: StoreKey) -> None:
    erase.erase_bodies(store, stop=stopping)


@task_of_store(Task.SYNC_STORE, RETRY)
def sync_store(store: StoreKey, run_id: int) -> None:
    steps.work_on(store, run_id, stop=stopping)


@task_of_store(Task.IMPORT_ORDERS, RETRY_ALWAYS)
def import_orders(store: StoreKey, import_id: int) -> None:
    load.work_on(store, import_id, stop=stopping)


@task_of_store(Task.CHECK_DAYS, RETRY_ALWAYS)
def check_days(store: StoreKey, run_id: int) -> None:
    reconcile.work_on(store, run_id, stop=stopping)


@task_of_store(Task.REMAP_ORDERS, RETRY_ALWAYS)
def remap_orders(store: StoreKey) -> None:
    remap.work_on(store, stop=stopping)


@task_of_store(Task.AUDIT_ROLLUPS, RETRY)
def audit_rollups(store: StoreKey) -> None:
    rollups.audit(store, datetime.now(UTC))


@task_of_store(Task.COUNT_BASKETS, RETRY)
def count_baskets(store: StoreKey) -> None:
    rollups.rebuild_counts(store, datetime.now(UTC))


@task_of_store(Task.REFRESH_MONEY, RETRY_ALWAYS)
def refresh_money(store: StoreKey) -> None:
    rollups.refresh_money(store, stop=stopping)


@task_of_store(Task.REFRESH_STATISTICS, RETRY)
def refresh_statistics(store: StoreKey) -> None:
    customer_statistics.work_on(store, datetime.now(UTC), stop=stopping)


@app.task(name=Task.MAIL_LINK, retry=RETRY_MAIL)
def mail_link(kind: str, **subject: Any) -> None:
    try:
        accounts.mail_link(accounts.LinkKind(kind), datetime.now(UTC), **subject)
    except MailRefused as error:
        log.warning("a mail was refused", kind=kind, reason=str(error))
