"""How Shopify words what is wrong with a document: the same facts that graphql-core finds, with its codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    print_ast,
)

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, dict[str, Any]]]]

_RULES: tuple[_Rule, ...] = (
    (
        re.compile(r"Cannot query field '(\w+)' on type '(\w+)'"),
        lambda m: (
            f"Field '{m[1]}' doesn't exist on type '{m[2]}'",
            {"code": "undefinedField", "typeName": m[2], "fieldName": m[1]},
        ),
    ),
    (
        re.compile(r"Field '(\w+)' of type '([\w!\[\]]+)' must have a selection of subfields"),
        lambda m: (
            f"Field must have selections (field '{m[1]}' returns {_bare(m[2])} but has no selections. "
            f"Did you mean '{m[1]} {{ ... }}'?)",
            {"code": "selectionMismatch", "nodeName": f"field '{m[1]}'", "typeName": _bare(m[2])},
        ),
    ),
    (
        re.compile(r"Unknown argument '(\w+)' on field '\w+\.(\w+)'"),
        lambda m: (
            f"Field '{m[2]}' doesn't accept argument '{m[1]}'",
            {"code": "argumentNotAccepted", "name": m[2], "typeName": "Field", "argumentName": m[1]},
        ),
    ),
    (
        re.compile(r"Argument '\w+\.(\w+)\((\w+):\)' of type .* is required"),
        lambda m: (
            f"Field '{m[1]}' is missing required arguments: {m[2]}",
            {"code": "missingRequiredArguments", "className": "Field", "name": m[1], "arguments": m[2]},
        ),
    ),
    (
        re.compile(r"Variable '\$(\w+)' is never used"),
        lambda m: (f"Variable ${m[1]} is declared but not used", {"code": "variableNotUsed", "variableName": m[1]}),
    ),
)


_VARIABLE = re.compile(r"Variable '\$(\w+)' has invalid value(?: at (\S+?))?: (.*)", re.DOTALL)


def of_syntax(error: GraphQLError) -> dict[str, Any]:
    """A document that cannot be read."""
    locations = [location.formatted for location in error.locations or ()]
    where = locations[0] if locations else {"line": 1, "column": 1}
    what = error.message.removeprefix("Syntax Error: ").rstrip(".")
    what = "unexpected end of file" if "<EOF>" in what else what[:1].lower() + what[1:]
    return {
        "message": f"syntax error, {what} at [{where['line']}, {where['column']}]",
        "locations": locations,
        "extensions": {"code": "PARSE_ERROR"},
    }


def of_validation(errors: Iterable[GraphQLError], document: DocumentNode) -> list[dict[str, Any]]:
    """A document that asks for what is not there."""
    return [_reworded(error, document) for error in errors]


def of_variable(error: GraphQLError, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> dict[str, Any]:
    """A variable whose value does not fit its type."""
    found = _VARIABLE.match(error.message)
    name, path, why = (found[1], found[2] or "", found[3]) if found else ("", "", error.message)
    declared = {each.variable.name.value: print_ast(each.type) for each in operation.variable_definitions or ()}
    steps = [step for step in path.split(".") if step]
    why = "Expected value to not be null" if "non-null" in why else why
    inner = f" for {'.'.join(steps)} ({why})" if steps else ""
    return {
        "message": f"Variable ${name} of type {declared.get(name, '')} was provided invalid value{inner}",
        "locations": [location.formatted for location in error.locations or ()],
        "extensions": {
            "code": "INVALID_VARIABLE",
            "value": given.get(name),
            "problems": [{"path": steps, "explanation": why}],
        },
    }


def of_execution(error: GraphQLError) -> dict[str, Any]:
    """A field that could not be answered; a fault of the simulator's own becomes an internal error."""
    return {**error.formatted, "extensions": {"code": "INTERNAL_SERVER_ERROR", **(error.extensions or {})}}


def _reworded(error: GraphQLError, document: DocumentNode) -> dict[str, Any]:
    message, extensions = error.message, {"code": "invalid"}
    for pattern, reword in _RULES:
        found = pattern.search(error.message)
        if found:
            message, extensions = reword(found)
            break
    node = error.nodes[0] if error.nodes else None
    return {
        "message": message,
        "locations": [location.formatted for location in error.locations or ()],
        "path": _path(document, node) if node else [],
        "extensions": extensions,
    }


def _path(document: DocumentNode, wanted: Node) -> list[str]:
    """Where a node stands: the operation or fragment, then the fields down to it."""
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = f" {definition.name.value}" if definition.name else ""
            start = f"{definition.operation.value}{name}"
        elif isinstance(definition, FragmentDefinitionNode):
            start = f"fragment {definition.name.value}"
        else:
            continue
        found = _down_to(definition, wanted, [start])
        if found:
            return found
    return []


def _down_to(node: Any, wanted: Node, path: list[str]) -> list[str] | None:
    if node is wanted:
        return path
    for child in getattr(getattr(node, "selection_set", None), "selections", None) or ():
        step = [child.alias.value if child.alias else child.name.value] if isinstance(child, FieldNode) else []
        found = _down_to(child, wanted, path + step)
        if found:
            return found
    if isinstance(node, FieldNode) and any(argument is wanted for argument in node.arguments or ()):
        return path
    return None


def _bare(kind: str) -> str:
    return re.sub(r"[!\[\]]", "", kind)
