"""Read an answer of the Admin API: its cost, and each refusal as an error of `core.errors`."""

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
from core.shopify.wire import Answer, Json

PERSONAL_FIELDS = frozenset(
    {"customer", "firstName", "lastName", "displayName", "phone", "email", "defaultEmailAddress", "emailAddress"}
    | {"defaultPhoneNumber", "phoneNumber", "defaultAddress", "shippingAddress", "billingAddress"}
    | {"city", "provinceCode", "countryCodeV2", "unitCost", "product", "variant"}
    | {"customerJourneySummary", "retailLocation"}
)
"""Fields that Shopify may withhold from a merchant's app while it answers the others: people, their places and their
visits, the products of line items, costs, and locations."""

_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]+\b")
_DOWN = "Shopify is having problems; Xeno will retry."
_TOKEN_REFUSED = "Shopify no longer accepts this store's access token; connect the store again."  # noqa: S105
_EXPIRING_ONLY = (
    "Shopify no longer accepts access tokens that do not expire for this app; "
    "connect the store again with the app's client id and secret."
)


def refuse_status(answer: Answer, shop: str) -> None:
    """Raise the error that an HTTP status other than 200 stands for.

    Raises:
        CredentialsRefused, AccessDenied, ShopUnavailable, QueryRefused, Throttled, ShopifyDown
    """
    status = answer.status
    if status == 200:
        return
    if status == 429:
        raise Throttled("Shopify limits the rate of requests; Xeno will retry.", answer.retry_after)
    if status >= 500:
        raise ShopifyDown(_DOWN, answer.retry_after)
    raise _permanent_error(status, _message(answer.json), shop)


def body(answer: Answer) -> Json:
    """Return the answer's JSON object. Any other content was cut off, or comes from a proxy."""
    if not isinstance(answer.json, dict):
        raise ShopifyDown("Shopify sent an unreadable answer; Xeno will retry.")
    return answer.json


def cost(body: Json) -> Cost | None:
    """Read `extensions.cost`; None if the answer has none (Shopify did not execute the document)."""
    try:
        reported = body["extensions"]["cost"]
        throttle = reported["throttleStatus"]
        return Cost(
            requested=int(reported["requestedQueryCost"]),
            actual=int(reported.get("actualQueryCost") or 0),
            available=float(throttle["currentlyAvailable"]),
            maximum=float(throttle["maximumAvailable"]),
            # At least 1, because `Bucket.wait_for` divides by it.
            restore_rate=max(1.0, float(throttle["restoreRate"])),
        )
    except (KeyError, TypeError, ValueError):
        return None


def refuse_errors(body: Json, shop: str, wait: float) -> None:
    """Raise the error that `errors` or search warnings of an answer with status 200 stand for. Withheld personal
    fields raise none.

    `wait` is how many seconds the bucket needs before the same document is affordable.

    Raises:
        CredentialsRefused, AccessDenied, ShopUnavailable, QueryRefused, Throttled, ShopifyDown
    """
    errors = body.get("errors")
    if isinstance(errors, str):
        raise _permanent_error(403, errors, shop)
    for error in errors or ():
        if not _is_withheld(error, body):
            raise _error(error, shop, wait)
    if not isinstance(body.get("data"), dict):
        raise ShopifyDown("Shopify sent an empty answer; Xeno will retry.")
    _refuse_search_warnings(body)


def leave_out_withheld(body: Json) -> None:
    """Remove withheld fields from the answer's data, in place: a null would mean that the field has no value."""
    for error in body.get("errors") or ():
        if _is_withheld(error, body):
            *path, name = error["path"]
            within = body["data"]
            for step in path:
                within = within[step]
            within.pop(name, None)


def denied_scopes(body: Json) -> set[str]:
    """List the scopes that the refusals of fields name."""
    errors = body.get("errors")
    denied = [error for error in errors if _code(error) == "ACCESS_DENIED"] if isinstance(errors, list) else []
    return {scope for error in denied for scope in _SCOPE.findall(_message(error))}


def withheld_paths(body: Json) -> set[str]:
    """List the paths of the withheld fields, without list positions."""
    return {".".join(_names(error)) for error in body.get("errors") or ()}


def _permanent_error(status: int, message: str, shop: str) -> ShopifyError:
    if status == 401:
        return CredentialsRefused(_TOKEN_REFUSED)
    if status == 403:
        return CredentialsRefused(_EXPIRING_ONLY) if "expiring" in message.lower() else _denied(message)
    if status == 402:
        return ShopUnavailable(f"{shop} is frozen until its Shopify bill is paid.")
    if status == 404 or 300 <= status < 400:
        return ShopUnavailable(f"Shopify has no store {shop}; check its address.")
    if status == 423:
        return ShopUnavailable(f"{shop} is locked by Shopify; ask Shopify's support why.")
    return QueryRefused(f"Shopify refused the request with status {status}; please report it.", code=str(status))


def _error(error: Any, shop: str, wait: float) -> ShopifyError | ShopifyTransient:
    code, message = _code(error), _message(error)
    match code:
        case "THROTTLED":
            return Throttled("Shopify limits the rate of requests; Xeno will retry.", wait)
        case "ACCESS_DENIED":
            return _denied(message)
        case "SHOP_INACTIVE":
            return ShopUnavailable(f"{shop} is closed or paused; reopen it in Shopify.")
        case "INTERNAL_SERVER_ERROR" | "TIMEOUT" | "BAD_GATEWAY" | "SERVICE_UNAVAILABLE":
            return ShopifyDown(_DOWN)
        case "UNAUTHORIZED" | "UNAUTHENTICATED":
            return CredentialsRefused(_TOKEN_REFUSED)
    return QueryRefused(f"Shopify refused a query ({code or 'no code'}): {message}", code=code)


def _denied(message: str) -> AccessDenied:
    scope = _SCOPE.search(message)
    missing = f"the scope {scope[0]} is missing" if scope else "a scope or an approval is missing"
    return AccessDenied(
        f"Shopify does not allow this app to read it: {missing}; grant it in the app's settings and reconnect."
    )


def _is_withheld(error: Any, body: Json) -> bool:
    """Whether an error only says that one personal field is null, while the rest of the answer is complete."""
    names = _names(error)
    return (
        _code(error) == "ACCESS_DENIED"
        and isinstance(body.get("data"), dict)
        and len(names) > 1
        and names[-1] in PERSONAL_FIELDS
        # GraphQL replaces a non-null field's nearest nullable parent by null: then the record is lost with it.
        and not _is_null(body["data"], error["path"][:-1])
    )


def _is_null(data: Any, path: Iterable[str | int]) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return True
    return data is None


def _refuse_search_warnings(body: Json) -> None:
    """Refuse an answer with search warnings: Shopify ignores an unknown filter, so that everything matches."""
    extensions = body.get("extensions")
    for search in (extensions.get("search") if isinstance(extensions, dict) else None) or ():
        for warning in search.get("warnings") or ():
            raise QueryRefused(
                f"Shopify ignored a part of a search ({warning.get('field')}): {_message(warning)}",
                code=warning.get("code"),
            )


def _code(error: Any) -> str | None:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return extensions.get("code") if isinstance(extensions, dict) else None


def _names(error: Any) -> list[str]:
    path = error.get("path") if isinstance(error, dict) else None
    return [step for step in path or () if isinstance(step, str)]


def _message(source: Any) -> str:
    """Return Shopify's own message, shortened; empty without one."""
    words = source
    if isinstance(source, dict):
        words = source.get("message") or source.get("errors") or source.get("error")
    return str(words)[:300] if words else ""
