"""The download's route: who may have which file, and what is said otherwise."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from core import accounts
from core.database import rate_limits
from dashboard.addresses import csv_address
from dashboard.web import cookies, exports
from tests import factories as made
from tests.cast import Cast, Person, sign_in
from tests.core.metrics.conftest import Shop, shop_of
from tests.dashboard.web.asgi import Answer, get

Visit = Callable[[Person | None], Callable[[str], Answer]]
NOVEMBER = "start=2026-11-01&end=2026-11-30"


@pytest.fixture
def acme(cast: Cast) -> Shop:
    shop = shop_of(cast.acme)
    shop.receive(made.product(), made.customer(81), made.order(customer_id=81))
    return shop


@pytest.fixture
def visit(acme: Shop) -> Visit:
    """A browser in which this person is signed in; nobody for None."""

    def browser(person: Person | None) -> Callable[[str], Answer]:
        cookie_values = {cookies.session_cookie(): sign_in(person)} if person else {}
        return partial(get, Starlette(routes=exports.routes), cookies=cookie_values)

    return browser


def address(acme: Shop, name: str = "orders", query: str = NOVEMBER) -> str:
    return f"/exports/{name}.csv?store={acme.scope.store.store_id}&{query}"


def test_a_viewer_of_the_business_downloads_the_file(visit: Visit, cast: Cast, acme: Shop) -> None:
    for person in (cast.alice, cast.bob):
        answer = visit(person)(address(acme))
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"] == 'attachment; filename="acme-orders-2026-11-01-2026-11-30.csv"'
        assert [row["total"] for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))] == ["52.60"]


def test_only_an_owner_downloads_the_privacy_requests(visit: Visit, cast: Cast, acme: Shop) -> None:
    for ending in ("csv", "xlsx", "zip"):
        link = address(acme, "privacy-requests").replace(".csv", f".{ending}")
        assert visit(cast.alice)(link).status == 200
        assert visit(cast.bob)(link).status == 403
        assert visit(cast.charlie)(link).status == 404


def test_a_file_comes_as_a_workbook_or_as_an_archive_under_the_same_rights(
    visit: Visit, cast: Cast, acme: Shop
) -> None:
    for ending, kind in (("xlsx", "spreadsheetml"), ("zip", "application/zip")):
        link = address(acme).replace(".csv", f".{ending}")
        answer = visit(cast.bob)(link)
        assert answer.status == 200
        assert kind in answer.headers["content-type"]
        assert answer.headers["content-disposition"].endswith(f'orders-2026-11-01-2026-11-30.{ending}"')
        assert visit(None)(link).status == 401
        assert visit(cast.charlie)(link).status == 404
    assert visit(cast.alice)(address(acme).replace(".csv", ".exe")).status == 404


def test_the_address_that_a_page_links_to_is_the_one_that_answers(visit: Visit, cast: Cast, acme: Shop) -> None:
    link = csv_address(
        "orders", acme.scope.store.store_id, acme.days("2026-11-01", "2026-11-30"), search="#1001 & co"
    )
    answer = visit(cast.alice)(link)
    assert answer.status == 200
    assert len(answer.text.splitlines()) == 1


def test_without_a_session_there_is_no_file(visit: Visit, acme: Shop) -> None:
    answer = visit(None)(address(acme))
    assert answer.status == 401
    assert answer.text == "Sign in first, then download the file again.\n"


def test_a_session_that_has_ended_downloads_nothing(visit: Visit, cast: Cast, acme: Shop) -> None:
    client = visit(cast.alice)
    accounts.revoke_all(cast.alice.user_id, datetime.now(UTC))
    assert client(address(acme)).status == 401


def test_another_businesss_store_is_not_there(visit: Visit, cast: Cast, acme: Shop) -> None:
    for store_id in (acme.scope.store.store_id, 999_999_999):
        answer = visit(cast.charlie)(f"/exports/orders.csv?store={store_id}&{NOVEMBER}")
        assert answer.status == 404
        assert answer.text == "There is no such store here; choose one on the Stores page, or connect it.\n"


def test_a_removed_member_downloads_nothing(visit: Visit, cast: Cast, acme: Shop) -> None:
    client = visit(cast.bob)
    accounts.remove_member(cast.alice.actor, cast.bob.user_id)
    assert client(address(acme)).status == 401


@pytest.mark.parametrize("store", ["", "x", "-1", "1e3", "²", "9" * 30, "1;drop"])
def test_a_store_that_is_no_number_is_not_there(visit: Visit, cast: Cast, store: str) -> None:
    answer = visit(cast.alice)(f"/exports/orders.csv?{urlencode({'store': store})}")
    assert answer.status == 404


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-11-30&end=2026-11-01",
        "start=2026-11-01",
        "end=2026-11-01",
        "start=nonsense&end=2026-11-01",
        "start=0001-01-01&end=9999-12-31",
        "start=0001-01-01&end=0001-01-02",
        "range=fortnight",
        "range=30d&status=nonsense",
        "range=30d&compare=nonsense",
        "range=30d&search=%00",
        "range=30d&topic=a%00b",
        "range=30d&state=%00",
    ],
)
def test_a_period_or_status_that_means_nothing_is_refused_with_the_cure(
    visit: Visit, cast: Cast, acme: Shop, query: str
) -> None:
    answer = visit(cast.alice)(address(acme, query=query))
    assert answer.status == 400
    assert answer.text.endswith(".\n")


def test_a_named_range_is_understood_too(visit: Visit, cast: Cast, acme: Shop) -> None:
    answer = visit(cast.alice)(address(acme, "sales-over-time", "range=7d"))
    assert answer.status == 200
    assert len(answer.text.splitlines()) == 8


def test_a_file_that_no_page_has_is_not_there(visit: Visit, cast: Cast, acme: Shop) -> None:
    assert visit(cast.alice)(address(acme, "users")).status == 404


def test_a_user_who_downloads_too_often_is_refused_with_the_time_to_wait_and_no_other_user(
    visit: Visit, cast: Cast, acme: Shop
) -> None:
    for _ in range(rate_limits.EXPORT.burst):
        rate_limits.take(
            rate_limits.EXPORT,
            rate_limits.tenant_subject(cast.acme.tenant_id, f"user {cast.bob.user_id}"),
            datetime.now(UTC),
        )
    refused = visit(cast.bob)(address(acme))
    assert refused.status == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    assert refused.text.startswith("Too many files were downloaded in the last minutes; wait ")
    assert visit(cast.alice)(address(acme)).status == 200
