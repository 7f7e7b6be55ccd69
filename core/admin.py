"""The operator's commands, over the same functions and checks as the pages.

    python -m core.admin create-user --name "Alice" --email alice@example.com --business "Acme"
    python -m core.admin reset-password --email alice@example.com
    python -m core.admin registration-link --email alice@example.com
    python -m core.admin invite --user alice@example.com --email bob@example.com --role analyst
    python -m core.admin connect-store --user alice@example.com --shop acme.myshopify.com
    python -m core.admin sync --user alice@example.com --shop acme.myshopify.com [--wait]
    python -m core.admin import-orders --user alice@example.com --shop acme.myshopify.com orders_export_1.csv …
    python -m core.admin list-stores --user alice@example.com
    python -m core.admin rebuild-sums --user alice@example.com --shop acme.myshopify.com
    python -m core.admin reseal

Secrets come from the environment (XENO_PASSWORD, SHOPIFY_TOKEN, SHOPIFY_CLIENT_ID, SHOPIFY_SECRET) or a prompt,
never as arguments, which other users of the machine can read. A command with --user acts as that user, in the
user's business (--business chooses among several). The other commands act as the operator.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core import accounts, imports, logs, rollups, stores
from core.config import settings
from core.connections import connect
from core.database.models import RunState, Trigger
from core.errors import InvalidInput, NotFound, XenoError
from core.imports import load
from core.shopify import auth, shops
from core.stores import resealing
from core.sync import runs


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 if it worked, else 1, with one sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        logs.configure(settings().log_format)
        command: Callable[[argparse.Namespace], None] = options.command
        command(options)
    except XenoError as error:
        print(f"{str(error).rstrip('.')}.", file=sys.stderr)
        return 1
    return 0


def create_user(options: argparse.Namespace) -> None:
    """Create a user, with a business that they own."""
    password = _read_secret("XENO_PASSWORD", "Password: ")
    user_id = accounts.register(options.name, options.email, password, options.business, datetime.now(UTC))
    print(f"Created user {user_id}, {options.email}, owner of {options.business}.")


def invite(options: argparse.Namespace) -> None:
    """Invite a person to the user's business: print the link, or mail it where SMTP_URL is set."""
    link = accounts.invite(_find_actor(options), options.email, accounts.Role(options.role), datetime.now(UTC))
    print(link or f"We emailed an invitation to {options.email}.")


def reset_password(options: argparse.Namespace) -> None:
    """Print a link that sets a new password for a user, once, within an hour."""
    print(accounts.create_reset_link(options.email, datetime.now(UTC)))


def make_registration_link(options: argparse.Namespace) -> None:
    """Print a link that registers a user with a new business, once, within a day."""
    print(accounts.create_registration_link(options.email, datetime.now(UTC)))


def connect_store(options: argparse.Namespace) -> None:
    """Connect a shop: with SHOPIFY_CLIENT_ID by client credentials, else by an Admin API token."""
    actor = _find_actor(options)
    client_id = os.environ.get("SHOPIFY_CLIENT_ID")
    credentials: auth.AdminToken | auth.ClientCredentials
    # A token is meant for this command alone; the client id may be the setting of the operator's own app.
    if client_id and not os.environ.get("SHOPIFY_TOKEN"):
        credentials = auth.ClientCredentials(client_id, _read_secret("SHOPIFY_SECRET", "Client secret: "))
    else:
        token = _read_secret("SHOPIFY_TOKEN", "Admin API access token: ")
        credentials = auth.AdminToken(token, _read_secret("SHOPIFY_SECRET", "API secret key: "))
    store = connect.connect(actor, options.shop, credentials, datetime.now(UTC), trigger=Trigger.COMMAND)
    print(f"Connected {store.name} ({store.shop_domain}), {store.currency}, {store.time_zone}.")
    if store.missing_scopes:
        print(f"Missing scopes: {', '.join(store.missing_scopes)}.")
    if store.webhook_note:
        print(store.webhook_note)


def sync(options: argparse.Namespace) -> None:
    """Request a sync; with --wait, wait until it has ended."""
    actor = _find_actor(options)
    store = _find_store(actor, options.shop)
    run_id = runs.request_sync(actor, store.store_id, datetime.now(UTC), trigger=Trigger.COMMAND)
    print(f"Sync run {run_id} of {store.shop_domain} is queued.")
    if any(run.state == RunState.RUNNING for run in runs.recent(store.key)):
        print("It follows the run under way, which began before you asked.")
    while options.wait:
        run = next(run for run in runs.recent(store.key) if run.run_id == run_id)
        if not run.active:
            print(f"It {run.state} with {run.records_done} records. {run.error or ''}".strip())
            if run.state == RunState.FAILED:
                raise InvalidInput(f"The sync failed: {run.error}")
            return
        time.sleep(1)


def import_orders(options: argparse.Namespace) -> None:
    """Import orders from one or several files of Shopify's own CSV, and print the outcome."""
    actor = _find_actor(options)
    store = _find_store(actor, options.shop)
    view = load.import_files(
        actor, store.store_id, options.files, datetime.now(UTC), _show_progress, options.any_currency
    )
    print(file=sys.stderr)
    if view.error:
        raise InvalidInput(view.error)
    print(f"Orders of {store.shop_domain} read from the files: {view.orders_done:,}.")
    if view.orders_kept:
        print(f"Orders that Shopify itself had sent before, unchanged: {view.orders_kept:,}.")
    if view.orders_uneven:
        print(f"Orders that do not add up in the files, and are taken as their lines say: {view.orders_uneven:,}.")
    for uneven in view.uneven:
        print(f"  {uneven.name}: {uneven.total} {uneven.currency} in the file, {uneven.worth} by its lines")
    if view.orders_skipped:
        print(
            f"Orders in another currency than {view.currency}, skipped: {view.orders_skipped:,}. "
            "To take them, import the files again with --any-currency."
        )
    for skipped in view.skipped:
        print(f"  {skipped.name}: {skipped.currency}")
    for undated in imports.undated(store.key):
        print(
            f"Refunds of imported orders have no date: {undated.amount:,} {undated.currency}, in no day's returns "
            f"until Shopify itself sends the orders. Orders that have some: {undated.orders:,}."
        )


def list_stores(options: argparse.Namespace) -> None:
    """List the stores of the user's business, one a line."""
    for store in stores.list_stores(_find_actor(options).tenant_id):
        complete = store.complete_until.isoformat(timespec="minutes") if store.complete_until else "never synced"
        print(
            f"{store.store_id}\t{store.shop_domain}\t{store.state}\t{store.currency}\t{store.time_zone}\t{complete}"
        )


def rebuild_sums(options: argparse.Namespace) -> None:
    """Recompute the kept sums of a store from its orders, and count those that differed."""
    store = _find_store(_find_actor(options), options.shop)
    differing = rollups.audit(store.key, datetime.now(UTC))
    longest = rollups.rebuild(store.key)
    rollups.rebuild_money(store.key)
    print(
        f"Rebuilt the sums of {store.shop_domain}. Sums that differed from its orders: {sum(differing.values()):,}."
    )
    for table, count in differing.items():
        print(f"  {table}: {count:,}")
    print(f"Writes of the store waited for {longest.seconds:.1f} s at most, for the sums {longest.table}.")


def reseal(options: argparse.Namespace) -> None:
    """Reseal all credentials with SECRET_KEY that the previous key had sealed."""
    counts = resealing.reseal()
    print(f"Resealed with SECRET_KEY: {counts.renewed:,}. Sealed with it before: {counts.current:,}.")
    if counts.lost:
        raise InvalidInput(
            f"Neither SECRET_KEY nor SECRET_KEY_PREVIOUS opens {counts.lost:,} more: "
            "set the key that sealed them, or connect their stores again."
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.admin", description="Commands for the operator.")
    commands = parser.add_subparsers(required=True)
    for name, command, takes_shop in (
        ("create-user", create_user, False),
        ("reset-password", reset_password, False),
        ("registration-link", make_registration_link, False),
        ("invite", invite, False),
        ("connect-store", connect_store, True),
        ("sync", sync, True),
        ("import-orders", import_orders, True),
        ("list-stores", list_stores, False),
        ("rebuild-sums", rebuild_sums, True),
        ("reseal", reseal, False),
    ):
        sub = commands.add_parser(name, help=(command.__doc__ or "").splitlines()[0])
        sub.set_defaults(command=command)
        if command is create_user:
            sub.add_argument("--name", required=True)
            sub.add_argument("--email", required=True)
            sub.add_argument("--business", required=True)
        elif command in (reset_password, make_registration_link):
            sub.add_argument("--email", required=True)
        elif command is not reseal:
            sub.add_argument("--user", required=True, metavar="EMAIL", help="acts as this user")
            sub.add_argument("--business", help="which of the user's businesses, by name")
        if command is invite:
            sub.add_argument("--email", required=True, help="the address that is invited")
            sub.add_argument("--role", choices=list(accounts.Role), default=accounts.Role.VIEWER)
        if takes_shop:
            sub.add_argument("--shop", required=True, metavar="NAME.myshopify.com")
        if command is sync:
            sub.add_argument("--wait", action="store_true", help="until the run has ended")
        if command is import_orders:
            sub.add_argument("--any-currency", action="store_true", help="also take orders in other currencies")
            sub.add_argument("files", nargs="+", type=Path, metavar="FILE", help="all files of one export")
    return parser


def _show_progress(view: imports.ImportView) -> None:
    """Print one line on a terminal; the next one overwrites it."""
    if sys.stderr.isatty():
        print(f"\r{view.share:.0%}, {view.orders_done:,} orders", end="", file=sys.stderr, flush=True)


def _read_secret(variable: str, prompt: str) -> str:
    """Read a secret from the environment, else from a prompt that does not show it.

    Raises:
        InvalidInput: neither is possible, because there is no terminal.
    """
    if value := os.environ.get(variable):
        return value
    if not sys.stdin.isatty():
        raise InvalidInput(f"There is no terminal to ask for the secret; set {variable}")
    return getpass.getpass(prompt)


def _find_actor(options: argparse.Namespace) -> accounts.Actor:
    user = accounts.find_user(options.user)
    tenants = accounts.tenants_of(user.user_id)
    matching = [tenant for tenant in tenants if options.business in (None, tenant.name)]
    if not matching:
        raise NotFound(f"{options.user} belongs to no business of that name.")
    if len(matching) > 1:
        names = ", ".join(tenant.name for tenant in matching)
        raise InvalidInput(f"{options.user} belongs to several businesses; choose one with --business: {names}.")
    return accounts.Actor(user.user_id, matching[0].tenant_id)


def _find_store(actor: accounts.Actor, shop: str) -> stores.StoreView:
    domain = shops.normalise(shop)
    for store in stores.list_stores(actor.tenant_id):
        if store.shop_domain == domain:
            return store
    raise NotFound(f"{domain} is not connected; connect it first with connect-store.")


if __name__ == "__main__":
    sys.exit(main())
