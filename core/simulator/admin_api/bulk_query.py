"""What a bulk operation may ask, and its rows: each root, then its children with `__parentId`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_list_type,
    is_nullable_type,
    parse,
    validate,
    value_from_ast_untyped,
)

from core.simulator.admin_api.connections import MOST
from core.simulator.admin_api.schema import schema

MOST_BYTES, MOST_CONNECTIONS, MOST_LEVELS = 65_535, 5, 2

Row = dict[str, Any]
Every = Callable[[str, str | None, str | None], Iterator[Row]]
"""All nodes of a root connection that a search finds, in the order of a sort key."""


def refusal(text: str) -> str | None:
    """Why Shopify would not run this as a bulk operation; None where it would."""
    if len(text.encode()) > MOST_BYTES:
        return f"Query is too long, the maximum is {MOST_BYTES} bytes"
    try:
        document = parse(text)
    except GraphQLError as error:
        return f"Invalid bulk query: {error.message}"
    operation = document.definitions[0]
    if not isinstance(operation, OperationDefinitionNode) or len(document.definitions) > 1:
        return "Invalid bulk query: it must be one query, without fragments"
    if operation.operation is not OperationType.QUERY:
        return "Invalid bulk query: only queries are supported"
    errors = validate(schema(), document)
    if errors:
        return f"Invalid bulk query: {errors[0].message}"
    return _Check(schema()).document(operation)


def rows(text: str, every: Every) -> Iterator[Row]:
    """The rows of a query that `refusal` lets pass."""
    for root in _fields(_operation(text).selection_set):
        given = {arg.name.value: value_from_ast_untyped(arg.value) for arg in root.arguments or ()}
        inside = _node(root)
        for thing in every(root.name.value, given.get("query"), given.get("sortKey")):
            yield from _rows(thing, inside, None)


class _Check:
    """Walks one query and counts its connections."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._connections = 0

    def document(self, operation: OperationDefinitionNode) -> str | None:
        root = self._schema.query_type
        assert root is not None
        for field in _fields(operation.selection_set):
            if field.name.value in ("node", "nodes"):
                return "Bulk queries cannot contain the top level fields `node` or `nodes`"
        found = self._inside(operation.selection_set, root, level=0, in_list=False)
        if found is None and not self._connections:
            return "Bulk queries must contain at least one connection"
        return found

    def _inside(self, selections: SelectionSetNode | None, parent: Any, level: int, in_list: bool) -> str | None:
        for field in _fields(selections):
            kind = parent.fields[field.name.value].type if field.name.value != "__typename" else None
            named = get_named_type(kind) if kind else None
            if not isinstance(named, GraphQLObjectType):
                continue
            if named.name.endswith("Connection"):
                found = self._connection(field, named, selections, level, in_list)
            else:
                found = self._inside(field.selection_set, named, level, in_list or _is_list(kind))
            if found:
                return found
        return None

    def _connection(
        self, field: FieldNode, named: Any, around: SelectionSetNode | None, level: int, in_list: bool
    ) -> str | None:
        self._connections += 1
        if in_list:
            return "Queries that contain a connection field within a list field are not currently supported."
        if self._connections > MOST_CONNECTIONS:
            return f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections"
        if level > MOST_LEVELS:
            return f"Bulk queries cannot contain connections with a nesting depth greater than {MOST_LEVELS}"
        if level and not any(each.name.value == "id" and not each.alias for each in _fields(around)):
            return f"The parent 'node' field for a nested connection must select the 'id' field: {field.name.value}"
        if any(each.name.value == "nodes" for each in _fields(field.selection_set)):
            return "Bulk queries support `edges { node { … } }` only, not `nodes`"
        node = get_named_type(get_named_type(named.fields["edges"].type).fields["node"].type)
        if "Node" not in {each.name for each in node.interfaces}:
            return f"All connection fields in a bulk query must return types that implement Node: {node.name}"
        return self._inside(_node(field), node, level + 1, in_list=False)


def _operation(text: str) -> OperationDefinitionNode:
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def _fields(selections: SelectionSetNode | None) -> list[FieldNode]:
    return [each for each in (selections.selections if selections else ()) if isinstance(each, FieldNode)]


def _node(connection: FieldNode) -> SelectionSetNode | None:
    """What is selected in `edges { node { … } }`."""
    for name in ("edges", "node"):
        connection = next((each for each in _fields(connection.selection_set) if each.name.value == name), connection)
    return connection.selection_set


def _rows(thing: Mapping[str, Any], selections: SelectionSetNode | None, parent: str | None) -> Iterator[Row]:
    """A thing's own row, then those of the connections in it."""
    children: list[tuple[Any, FieldNode]] = []
    row = _picked(thing, selections, children)
    if parent:
        row["__parentId"] = parent
    yield row
    for value, field in children:
        for child in _whole(value):
            yield from _rows(child, _node(field), str(thing["id"]))


def _picked(
    thing: Mapping[str, Any], selections: SelectionSetNode | None, children: list[tuple[Any, FieldNode]]
) -> Row:
    row: Row = {}
    for field in _fields(selections):
        name = field.name.value
        value = thing.get(name)
        if callable(value) and any(each.name.value == "edges" for each in _fields(field.selection_set)):
            children.append((value, field))
            continue
        if callable(value):
            given = {arg.name.value: value_from_ast_untyped(arg.value) for arg in field.arguments or ()}
            value = value(None, **given)
        row[field.alias.value if field.alias else name] = _value(value, field, children)
    return row


def _value(value: Any, field: FieldNode, children: list[tuple[Any, FieldNode]]) -> Any:
    if isinstance(value, list):
        return [_value(each, field, children) for each in value]
    return _picked(value, field.selection_set, children) if isinstance(value, Mapping) else value


def _whole(connection: Callable[..., Row]) -> Iterator[Row]:
    """Every node of a connection field, whatever `first` the query says: a bulk operation ignores it."""
    after = None
    while True:
        page = connection(None, first=MOST, after=after)
        for edge in page["edges"](None):
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _is_list(kind: Any) -> bool:
    return is_list_type(kind if is_nullable_type(kind) else kind.of_type)
