"""A bulk operation reads the same fields as a page. They cannot share fragments, so this compares the documents."""

from __future__ import annotations

import pytest
from graphql import FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode, parse

from core.shopify import documents

LISTS = {"edges", "node", "nodes"}
"""The levels of a list, which the two write differently."""


def fields(name: str) -> set[str]:
    """Return the fields that a document asks of each record, without currencies, and without the ends of pages."""
    definitions = parse(documents.load(name)).definitions
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
    (operation,) = (node for node in definitions if not isinstance(node, FragmentDefinitionNode))
    found: set[str] = set()

    def walk(selection_set: SelectionSetNode, path: tuple[str, ...]) -> None:
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                walk(fragments[node.name.value].selection_set, path)
            elif isinstance(node, InlineFragmentNode):
                walk(node.selection_set, path)
            elif (field := node.name.value) != "pageInfo":  # type: ignore[attr-defined]
                below = path if field in LISTS else (*path, field)
                if node.selection_set:  # type: ignore[attr-defined]
                    walk(node.selection_set, below)  # type: ignore[attr-defined]
                elif field != "currencyCode":
                    found.add(".".join(below[1:]))

    walk(operation.selection_set, ())  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("entity", ["customers", "products", "checkouts"])
def test_a_bulk_operation_asks_for_the_fields_of_a_page(entity: str) -> None:
    assert fields(f"bulk_{entity}") == fields(entity)


def test_bulk_orders_ask_for_the_fields_of_a_page() -> None:
    # A page lists all shipping lines, a bulk operation only their summary.
    by_bulk = {path.replace("shippingLine.", "shippingLines.") for path in fields("bulk_orders")}
    assert by_bulk == fields("orders")
