"""Checks the query of a bulk operation and yields its rows: each root, then its children with `__parentId`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
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

from core.simulator.admin_api.connections import MAX_PAGE_SIZE
from core.simulator.admin_api.schema import schema

MAX_BYTES, MAX_CONNECTIONS, MAX_LEVELS = 65_535, 5, 2

Row = dict[str, Any]
NodeSource = Callable[[str, str | None, str | None], Iterator[Row]]
"""Yields all nodes of a root connection that a search finds, in the order of a sort key."""


def refusal(text: str) -> str | None:
    """Return why Shopify refuses this as a bulk operation; None where it accepts."""
    if len(text.encode()) > MAX_BYTES:
        return f"Query is too long, the maximum is {MAX_BYTES} bytes"
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
    return _QueryCheck(schema()).document(operation)


def rows(text: str, nodes: NodeSource) -> Iterator[Row]:
    """Yield the rows of a query that `refusal` accepts."""
    for root in _fields(_operation(text).selection_set):
        arguments = {arg.name.value: value_from_ast_untyped(arg.value) for arg in root.arguments or ()}
        selections = _node(root)
        for node in nodes(root.name.value, arguments.get("query"), arguments.get("sortKey")):
            yield from _rows(node, selections, None)


class _QueryCheck:
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
        refusal = self._inside(operation.selection_set, root, level=0, in_list=False)
        if refusal is None and not self._connections:
            return "Bulk queries must contain at least one connection"
        return refusal

    def _inside(self, selections: SelectionSetNode | None, parent: Any, level: int, in_list: bool) -> str | None:
        for field in _fields(selections):
            kind = parent.fields[field.name.value].type if field.name.value != "__typename" else None
            base_type = get_named_type(kind) if kind else None
            if not isinstance(base_type, GraphQLObjectType):
                continue
            if base_type.name.endswith("Connection"):
                refusal = self._connection(field, base_type, selections, level, in_list)
            else:
                refusal = self._inside(field.selection_set, base_type, level, in_list or _is_list(kind))
            if refusal:
                return refusal
        return None

    def _connection(
        self,
        field: FieldNode,
        connection_type: Any,
        parent_selections: SelectionSetNode | None,
        level: int,
        in_list: bool,
    ) -> str | None:
        self._connections += 1
        if in_list:
            return "Queries that contain a connection field within a list field are not currently supported."
        if self._connections > MAX_CONNECTIONS:
            return f"Bulk queries cannot contain more than {MAX_CONNECTIONS} connections"
        if level > MAX_LEVELS:
            return f"Bulk queries cannot contain connections with a nesting depth greater than {MAX_LEVELS}"
        if level and not any(inner.name.value == "id" and not inner.alias for inner in _fields(parent_selections)):
            return f"The parent 'node' field for a nested connection must select the 'id' field: {field.name.value}"
        if any(inner.name.value == "nodes" for inner in _fields(field.selection_set)):
            return "Bulk queries support `edges { node { … } }` only, not `nodes`"
        node = get_named_type(get_named_type(connection_type.fields["edges"].type).fields["node"].type)
        if "Node" not in {inner.name for inner in node.interfaces}:
            return f"All connection fields in a bulk query must return types that implement Node: {node.name}"
        return self._inside(_node(field), node, level + 1, in_list=False)


def _operation(text: str) -> OperationDefinitionNode:
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def _fields(selections: SelectionSetNode | None) -> list[FieldNode]:
    return [node for node in (selections.selections if selections else ()) if isinstance(node, FieldNode)]


def _fields_of_type(selections: SelectionSetNode | None, typename: Any) -> list[FieldNode]:
    """Return the fields in `... on <typename> { … }`."""
    fragments = [
        node for node in (selections.selections if selections else ()) if isinstance(node, InlineFragmentNode)
    ]
    return [
        field
        for fragment in fragments
        if fragment.type_condition and fragment.type_condition.name.value == typename
        for field in _fields(fragment.selection_set)
    ]


def _node(connection: FieldNode) -> SelectionSetNode | None:
    """Return the selections in `edges { node { … } }`."""
    for name in ("edges", "node"):
        connection = next(
            (field for field in _fields(connection.selection_set) if field.name.value == name), connection
        )
    return connection.selection_set


def _rows(node: Mapping[str, Any], selections: SelectionSetNode | None, parent: str | None) -> Iterator[Row]:
    """Yield a node's own row, then the rows of its connections."""
    children: list[tuple[Any, FieldNode]] = []
    row = _select(node, selections, children)
    if parent:
        row["__parentId"] = parent
    yield row
    for value, field in children:
        for child in _all_nodes(value):
            yield from _rows(child, _node(field), str(node["id"]))


def _select(
    node: Mapping[str, Any], selections: SelectionSetNode | None, children: list[tuple[Any, FieldNode]]
) -> Row:
    row: Row = {}
    for field in [*_fields(selections), *_fields_of_type(selections, node.get("__typename"))]:
        name = field.name.value
        value = node.get(name)
        if callable(value) and any(inner.name.value == "edges" for inner in _fields(field.selection_set)):
            children.append((value, field))
            continue
        if callable(value):
            arguments = {arg.name.value: value_from_ast_untyped(arg.value) for arg in field.arguments or ()}
            value = value(None, **arguments)
        row[field.alias.value if field.alias else name] = _value(value, field, children)
    return row


def _value(value: Any, field: FieldNode, children: list[tuple[Any, FieldNode]]) -> Any:
    if isinstance(value, list):
        return [_value(item, field, children) for item in value]
    return _select(value, field.selection_set, children) if isinstance(value, Mapping) else value


def _all_nodes(connection: Callable[..., Row]) -> Iterator[Row]:
    """Yield every node of a connection. A bulk operation ignores the query's `first`."""
    after = None
    while True:
        page = connection(None, first=MAX_PAGE_SIZE, after=after)
        for edge in page["edges"](None):
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _is_list(kind: Any) -> bool:
    return is_list_type(kind if is_nullable_type(kind) else kind.of_type)
