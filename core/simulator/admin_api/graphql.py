"""The Admin API: executes documents against `schema.graphql`, a true subset of Shopify's, and meters their cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from core.simulator.admin_api import cost, error_messages, scopes
from core.simulator.admin_api.cost import MOST_PER_QUERY, Bucket
from core.simulator.admin_api.root_fields import Roots
from core.simulator.admin_api.schema import schema

_LIMITS = "https://shopify.dev/api/usage/rate-limits"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that was read and checked; `errors` are Shopify's, and then it is not executed."""

    document: DocumentNode | None
    errors: tuple[dict[str, Any], ...] = ()


def answer(roots: Roots, bucket: Bucket, request: Mapping[str, Any]) -> dict[str, Any]:
    """What Shopify answers to a request's JSON (query, variables, operationName). The status is 200 in any case."""
    prepared = prepare(str(request.get("query") or ""))
    if prepared.document is None or prepared.errors:
        return {"errors": list(prepared.errors)}
    operation = _operation(prepared.document, request.get("operationName"))
    if operation is None:
        return _refusal("An operation name is required", "BAD_REQUEST")
    variables = dict(request.get("variables") or {})
    values = get_variable_values(schema(), operation.variable_definitions or (), variables)
    if isinstance(values, list):
        return {"errors": [error_messages.of_variable(error, operation, variables) for error in values]}
    return _metered(roots, bucket, prepared.document, operation, values.coerced)


@lru_cache(maxsize=128)
def prepare(text: str) -> Prepared:
    """Read and check a document; each one is sent many times."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return Prepared(None, (error_messages.of_syntax(error),))
    errors = validate(schema(), document)
    return Prepared(document, tuple(error_messages.of_validation(errors, document)))


def _operation(document: DocumentNode, name: Any) -> OperationDefinitionNode | None:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((node for node in operations if node.name and node.name.value == name), None)


def _metered(
    roots: Roots,
    bucket: Bucket,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
) -> dict[str, Any]:
    """Take the requested cost, execute, give back what was not used."""
    asked = cost.requested(schema(), document, operation, variables)
    if asked > MOST_PER_QUERY:
        message = f"Query cost is {asked}, which exceeds the single query max cost limit ({MOST_PER_QUERY})."
        limits = {"cost": asked, "maxCost": MOST_PER_QUERY, "documentation": _LIMITS}
        return _refusal(message, "MAX_COST_EXCEEDED", **limits)
    if not bucket.take(asked):
        throttled = _refusal("Throttled", "THROTTLED", documentation=_LIMITS)
        return throttled | {"extensions": {"cost": _told(asked, None, bucket)}}
    roots.searches.clear()
    name = operation.name.value if operation.name else None
    result = execute_sync(
        schema(),
        document,
        roots.fields(),
        variable_values=variables,
        operation_name=name,
        field_resolver=scopes.resolver(roots.shop.scopes),
    )
    used = cost.actual(schema(), document, operation, variables, result.data)
    bucket.take(used - asked)
    extensions: dict[str, Any] = {"cost": _told(asked, used, bucket)}
    if roots.searches:
        extensions["search"] = list(roots.searches)
    errors = {"errors": [error_messages.of_execution(error) for error in result.errors]} if result.errors else {}
    return {**errors, "data": result.data, "extensions": extensions}


def _told(asked: int, used: int | None, bucket: Bucket) -> dict[str, Any]:
    return {"requestedQueryCost": asked, "actualQueryCost": used, "throttleStatus": bucket.status()}


def _refusal(message: str, code: str, **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}]}
