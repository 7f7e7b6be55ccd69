"""What an answer of the Admin API means: its cost, and each way it can refuse as an error of `core.errors`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from core.errors import (
    AccessDenied,
    CredentialsRefused,
    QueryRefused,
    ShopifyDown,
    ShopifyError,
    ShopifyTransient,
    ShopUnavailable,
    Throttled,
)
from core.shopify.bucket import Cost
from core.shopify.wire import Answer

PERSONAL_FIELDS = frozenset(
    {"customer", "firstName", "lastName", "displayName", "phone", "email", "defaultEmailAddress", "emailAddress"}
    | {"defaultPhoneNumber", "phoneNumber", "defaultAddress", "shippingAddress", "billingAddress"}
    | {"city", "provinceCode", "countryCodeV2", "unitCost", "product", "variant"}
)
"""Fields that a merchant's app may be refused while the rest is read: people, their places, what goods are of, and
what they cost."""

_DOWN = "Shopify has trouble at the moment; it is tried again later"
_TOKEN_REFUSED = "Shopify no longer accepts this store's access token; connect the store again"  # noqa: S105
_EXPIRING_ONLY = (
    "Shopify no longer accepts access tokens that do not expire for this app; "
    "connect the store again with the app's client id and secret"
)


def refuse_status(answer: Answer, shop: str) -> None:
    """Raise what an HTTP status other than 200 means.

    Raises:
        CredentialsRefused, AccessDenied, ShopUnavailable, QueryRefused, Throttled, ShopifyDown
    """
    status = answer.status
    if status == 200:
        return
    if status == 429:
        raise Throttled("Shopify asks to wait; it is tried again later", answer.retry_after)
    if status >= 500:
        raise ShopifyDown(_DOWN, answer.retry_after)
    raise _for_good(status, _said(answer.json), shop)


def body(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object; anything else was cut or made by a machine on the way."""
    if not isinstance(answer.json, dict):
        raise ShopifyDown("Shopify's answer was not readable; it is tried again later")
    return answer.json


def cost(body: dict[str, Any]) -> Cost | None:
    """`extensions.cost`, or None where the answer has none (a document that was not executed)."""
    try:
        told = body["extensions"]["cost"]
        throttle = told["throttleStatus"]
        return Cost(
            requested=int(told["requestedQueryCost"]),
            actual=int(told.get("actualQueryCost") or 0),
            available=float(throttle["currentlyAvailable"]),
            maximum=float(throttle["maximumAvailable"]),
            restore_rate=max(1.0, float(throttle["restoreRate"])),
        )
    except (KeyError, TypeError, ValueError):
        return None


def refuse_errors(body: dict[str, Any], shop: str, wait: float) -> None:
    """Raise what `errors` and search warnings of an answer with status 200 mean; withheld personal fields pass.

    `wait` is how many seconds the bucket needs before the same document is affordable.

    Raises:
        CredentialsRefused, AccessDenied, ShopUnavailable, QueryRefused, Throttled, ShopifyDown
    """
    errors = body.get("errors")
    if isinstance(errors, str):
        raise _for_good(403, errors, shop)
    for error in errors or ():
        if not _is_withheld(error, body):
            raise _meaning(error, shop, wait)
    if not isinstance(body.get("data"), dict):
        raise ShopifyDown("Shopify's answer holds no data; it is tried again later")
    _refuse_search_warnings(body)


def leave_out_withheld(body: dict[str, Any]) -> None:
    """Take the fields that were withheld out of the answer's data, in place: a null says that nothing is there."""
    for error in body.get("errors") or ():
        if _is_withheld(error, body):
            *path, name = error["path"]
            within = body["data"]
            for step in path:
                within = within[step]
            within.pop(name, None)


def withheld_paths(body: dict[str, Any]) -> set[str]:
    """The paths of the fields that were withheld, without list positions."""
    return {".".join(_names(error)) for error in body.get("errors") or ()}


def _for_good(status: int, said: str, shop: str) -> ShopifyError:
    if status == 401:
        return CredentialsRefused(_TOKEN_REFUSED)
    if status == 403:
        return CredentialsRefused(_EXPIRING_ONLY) if "expiring" in said.lower() else _denied(said)
    if status == 402:
        return ShopUnavailable(f"{shop} is frozen until its Shopify bill is paid")
    if status == 404 or 300 <= status < 400:
        return ShopUnavailable(f"Shopify knows no store {shop}; check its address")
    if status == 423:
        return ShopUnavailable(f"{shop} is locked by Shopify; ask Shopify's support why")
    return QueryRefused(f"Shopify refused the request with status {status}; please report it", code=str(status))


def _meaning(error: Any, shop: str, wait: float) -> ShopifyError | ShopifyTransient:
    code, said = _code(error), _said(error)
    match code:
        case "THROTTLED":
            return Throttled("Shopify asks to wait; it is tried again later", wait)
        case "ACCESS_DENIED":
            return _denied(said)
        case "SHOP_INACTIVE":
            return ShopUnavailable(f"{shop} is closed or paused; reopen it in Shopify")
        case "INTERNAL_SERVER_ERROR" | "TIMEOUT" | "BAD_GATEWAY" | "SERVICE_UNAVAILABLE":
            return ShopifyDown(_DOWN)
        case "UNAUTHORIZED" | "UNAUTHENTICATED":
            return CredentialsRefused(_TOKEN_REFUSED)
    return QueryRefused(f"Shopify refused a query ({code or 'no code'}): {said}", code=code)


def _denied(said: str) -> AccessDenied:
    scope = re.search(r"\b(?:read|write)_[a-z_]+\b", said)
    missing = f"the scope {scope[0]} is missing" if scope else "a scope or an approval is missing"
    return AccessDenied(
        f"Shopify does not let this app read that: {missing}; grant it in the app's settings and reconnect"
    )


def _is_withheld(error: Any, body: dict[str, Any]) -> bool:
    """Whether an error only says that one personal field is null, while the rest of the answer is there."""
    names = _names(error)
    return (
        _code(error) == "ACCESS_DENIED"
        and isinstance(body.get("data"), dict)
        and len(names) > 1
        and names[-1] in PERSONAL_FIELDS
        # Where a field must not be null, its nearest nullable parent is, and with it the record.
        and not _is_gone(body["data"], error["path"][:-1])
    )


def _is_gone(data: Any, path: Iterable[str | int]) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return True
    return data is None


def _refuse_search_warnings(body: dict[str, Any]) -> None:
    """A filter that Shopify does not know is ignored, and everything matches: no answer at all is better."""
    extensions = body.get("extensions")
    for search in (extensions.get("search") if isinstance(extensions, dict) else None) or ():
        for warning in search.get("warnings") or ():
            raise QueryRefused(
                f"Shopify ignored a part of a search ({warning.get('field')}): {_said(warning)}",
                code=warning.get("code"),
            )


def _code(error: Any) -> str | None:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return extensions.get("code") if isinstance(extensions, dict) else None


def _names(error: Any) -> list[str]:
    path = error.get("path") if isinstance(error, dict) else None
    return [step for step in path or () if isinstance(step, str)]


def _said(source: Any) -> str:
    """Shopify's own words, shortened; empty where there are none."""
    words = source
    if isinstance(source, dict):
        words = source.get("message") or source.get("errors") or source.get("error")
    return str(words)[:300] if words else ""
