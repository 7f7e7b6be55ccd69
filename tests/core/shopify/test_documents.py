"""The documents: each is complete in itself and valid against the schema that the simulator serves."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from core import shopify
from core.shopify import documents
from core.shopify.auth import WANTED_SCOPES
from core.shopify.mapping.plain_fields import PLAIN_FIELDS
from core.simulator import admin_api

QUERIES = Path(shopify.__file__).parent / "queries"
NAMES = sorted(path.stem for path in QUERIES.glob("*.graphql"))
FRAGMENTS = sorted(path.stem for path in (QUERIES / "fragments").glob("*.graphql"))


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((Path(admin_api.__file__).parent / "schema.graphql").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_every_document_is_valid_with_its_fragments_and_no_other(name: str, schema: GraphQLSchema) -> None:
    document = parse(
        documents.load(name)
    )  # validation also refuses a fragment that is unused, unknown or there twice
    assert validate(schema, document) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_document_holds_one_operation_named_as_its_file(name: str) -> None:
    operations = [node for node in parse(documents.load(name)).definitions if node.kind == "operation_definition"]
    (operation,) = operations
    assert operation.name.value == "".join(part.capitalize() for part in name.split("_"))  # type: ignore[attr-defined]


def test_every_fragment_is_used_and_named_as_its_file() -> None:
    everything = "\n".join(documents.load(name) for name in NAMES)
    for fragment in FRAGMENTS:
        assert f"\nfragment {fragment} on " in everything


LISTED = ("orders", "customers", "products", "customer", "product")


def test_every_document_is_used() -> None:
    code = "\n".join(path.read_text() for path in Path(shopify.__file__).parent.glob("*.py"))
    unused = [name for name in NAMES if f'"{name}"' not in code]
    # These are named by the kind of record they list.
    assert [name for name in unused if name.removesuffix("_ids") not in LISTED] == []


@pytest.mark.parametrize("name", ["orders", "order_details", "bulk_orders"])
def test_every_plain_field_of_an_order_is_requested(name: str) -> None:
    words = documents.load(name).split()
    assert [field.in_api for field in PLAIN_FIELDS if field.in_api not in words] == []


def test_a_document_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        documents.load("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_without_optional_scopes_a_document_is_valid_and_lacks_their_fields(name: str, schema: GraphQLSchema) -> None:
    text = documents.load(name, frozenset(WANTED_SCOPES))
    assert validate(schema, parse(text)) == []
    assert "# read_" not in text.replace("# read_customers", "").replace("# read_products", "")
    if name == "order_details":
        assert not {"returnReason", "retailLocation"} & set(text.split())
        assert {"returnReason", "retailLocation"} <= set(documents.load(name).split())
