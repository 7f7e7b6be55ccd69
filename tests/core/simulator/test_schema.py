"""The simulator's schema is a true subset of Shopify's, and has all fields that the project reads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    parse,
    validate,
)

from core.shopify import documents
from core.simulator.admin_api.graphql import schema

WHOLE_SCHEMA = Path(__file__).parents[4] / "shared" / "shopify" / "admin_schema_2026-10.json.gz"
QUERIES = Path(documents.__file__).parent / "queries"


@pytest.fixture(scope="module")
def full_schema() -> GraphQLSchema:
    if not WHOLE_SCHEMA.exists():
        pytest.skip(f"the whole schema is not at hand ({WHOLE_SCHEMA.name} beside the checkout)")
    return build_client_schema(json.loads(gzip.decompress(WHOLE_SCHEMA.read_bytes()))["data"], assume_valid=True)


def test_every_type_field_argument_and_value_is_shopifys(full_schema: GraphQLSchema) -> None:
    assert list(_differences(schema(), full_schema)) == []


def test_a_difference_would_be_found(full_schema: GraphQLSchema) -> None:
    order = schema().type_map["Order"]
    assert isinstance(order, GraphQLObjectType)
    fields = order.fields
    wrong = GraphQLObjectType("Order", {"id": fields["id"], "nope": fields["id"], "name": fields["email"]})
    assert list(_type_differences(wrong, full_schema)) == [
        "Order.nope is not there",
        "Order.name is String, not String!",
    ]


@pytest.mark.parametrize("name", sorted(path.stem for path in QUERIES.glob("*.graphql")))
def test_the_project_s_documents_are_valid(name: str) -> None:
    assert validate(schema(), parse(documents.load(name))) == []


def _differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> Iterator[str]:
    for kind in ours.type_map.values():
        if not kind.name.startswith("__"):
            yield from _type_differences(kind, theirs)


def _type_differences(kind: object, theirs: GraphQLSchema) -> Iterator[str]:
    name = kind.name  # type: ignore[attr-defined]
    twin = theirs.type_map.get(name)
    if twin is None or type(twin) is not type(kind):
        yield f"{name} is not there"
    elif isinstance(kind, GraphQLEnumType) and isinstance(twin, GraphQLEnumType):
        yield from (f"{name}.{value} is not there" for value in kind.values if value not in twin.values)
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and isinstance(
        twin, GraphQLObjectType | GraphQLInterfaceType
    ):
        interfaces = {interface.name for interface in twin.interfaces}
        yield from (
            f"{name} is no {interface.name}" for interface in kind.interfaces if interface.name not in interfaces
        )
        yield from _field_differences(kind, twin)
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(twin, GraphQLInputObjectType):
        yield from _field_differences(kind, twin)


def _field_differences(kind: object, twin: object) -> Iterator[str]:
    for name, field in kind.fields.items():  # type: ignore[attr-defined]
        where = f"{kind.name}.{name}"  # type: ignore[attr-defined]
        other = twin.fields.get(name)  # type: ignore[attr-defined]
        if other is None:
            yield f"{where} is not there"
            continue
        if str(field.type) != str(other.type):
            yield f"{where} is {field.type}, not {other.type}"
        for argument, given in getattr(field, "args", {}).items():
            taken = other.args.get(argument)
            if taken is None or str(taken.type) != str(given.type) or taken.default_value != given.default_value:
                yield f"{where}({argument}:) differs"
