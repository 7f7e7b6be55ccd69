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
from core.simulator.admin_api.cost import MAX_QUERY_COST, Bucket
from core.simulator.admin_api.root_fields import RootFields
from core.simulator.admin_api.schema import schema

_LIMITS = "https://shopify.dev/api/usage/rate-limits"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A parsed and validated document. One with `errors`, which are Shopify's, is not executed."""

    document: DocumentNode | None
    errors: tuple[dict[str, Any], ...] = ()


def answer(roots: RootFields, bucket: Bucket, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a request's JSON (query, variables, operationName). The HTTP status is 200 in any case."""
    prepared = prepare(str(request.get("query") or ""))
    if prepared.document is None or prepared.errors:
        return {"errors": list(prepared.errors)}
    operation = _operation(prepared.document, request.get("operationName"))
    if operation is None:
        return _refusal("An operation name is required", "BAD_REQUEST")
    variables = dict(request.get("variables") or {})
    values = get_variable_values(schema(), operation.variable_definitions or (), variables)
    if isinstance(values, list):
        return {"errors": [error_messages.variable_error(error, operation, variables) for error in values]}
    return _execute_metered(roots, bucket, prepared.document, operation, values.coerced)


@lru_cache(maxsize=128)
def prepare(text: str) -> Prepared:
    """Parse and validate a document. The result is cached because each document is sent many times."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return Prepared(None, (error_messages.syntax_error(error),))
    errors = validate(schema(), document)
    return Prepared(document, tuple(error_messages.validation_errors(errors, document)))


def _operation(document: DocumentNode, name: Any) -> OperationDefinitionNode | None:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((node for node in operations if node.name and node.name.value == name), None)


def _execute_metered(
    roots: RootFields,
    bucket: Bucket,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
) -> dict[str, Any]:
    """Take the requested cost, execute the operation, and give back the unused part."""
    requested = cost.requested_cost(schema(), document, operation, variables)
    if requested > MAX_QUERY_COST:
        message = f"Query cost is {requested}, which exceeds the single query max cost limit ({MAX_QUERY_COST})."
        limits = {"cost": requested, "maxCost": MAX_QUERY_COST, "documentation": _LIMITS}
        return _refusal(message, "MAX_COST_EXCEEDED", **limits)
    if not bucket.take(requested):
        throttled = _refusal("Throttled", "THROTTLED", documentation=_LIMITS)
        return throttled | {"extensions": {"cost": _cost_extension(requested, None, bucket)}}
    roots.searches.clear()
    name = operation.name.value if operation.name else None
    result = execute_sync(
        schema(),
        document,
        roots.fields(),
        variable_values=variables,
        operation_name=name,
        field_resolver=scopes.make_resolver(roots.shop.scopes),
    )
    actual = cost.actual_cost(schema(), document, operation, variables, result.data)
    bucket.take(actual - requested)
    extensions: dict[str, Any] = {"cost": _cost_extension(requested, actual, bucket)}
    if roots.searches:
        extensions["search"] = list(roots.searches)
    errors = {"errors": [error_messages.execution_error(error) for error in result.errors]} if result.errors else {}
    return {**errors, "data": result.data, "extensions": extensions}


def _cost_extension(requested: int, actual: int | None, bucket: Bucket) -> dict[str, Any]:
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": bucket.status()}


def _refusal(message: str, code: str, **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}]}
