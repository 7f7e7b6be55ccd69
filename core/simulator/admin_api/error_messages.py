"""Shopify's wording of errors: the facts that graphql-core finds, with Shopify's codes."""

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


def syntax_error(error: GraphQLError) -> dict[str, Any]:
    """Word the error of a document that cannot be parsed."""
    locations = [location.formatted for location in error.locations or ()]
    position = locations[0] if locations else {"line": 1, "column": 1}
    problem = error.message.removeprefix("Syntax Error: ").rstrip(".")
    problem = "unexpected end of file" if "<EOF>" in problem else problem[:1].lower() + problem[1:]
    return {
        "message": f"syntax error, {problem} at [{position['line']}, {position['column']}]",
        "locations": locations,
        "extensions": {"code": "PARSE_ERROR"},
    }


def validation_errors(errors: Iterable[GraphQLError], document: DocumentNode) -> list[dict[str, Any]]:
    """Word the errors of a document that does not fit the schema."""
    return [_reworded(error, document) for error in errors]


def variable_error(
    error: GraphQLError, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Word the error of a variable whose value does not fit its type."""
    match = _VARIABLE.match(error.message)
    name, path, problem = (match[1], match[2] or "", match[3]) if match else ("", "", error.message)
    declared = {
        definition.variable.name.value: print_ast(definition.type)
        for definition in operation.variable_definitions or ()
    }
    steps = [step for step in path.split(".") if step]
    problem = "Expected value to not be null" if "non-null" in problem else problem
    inner = f" for {'.'.join(steps)} ({problem})" if steps else ""
    return {
        "message": f"Variable ${name} of type {declared.get(name, '')} was provided invalid value{inner}",
        "locations": [location.formatted for location in error.locations or ()],
        "extensions": {
            "code": "INVALID_VARIABLE",
            "value": given.get(name),
            "problems": [{"path": steps, "explanation": problem}],
        },
    }


def execution_error(error: GraphQLError) -> dict[str, Any]:
    """Word the error of a field. An unexpected error of the simulator becomes an internal error."""
    return {**error.formatted, "extensions": {"code": "INTERNAL_SERVER_ERROR", **(error.extensions or {})}}


def _reworded(error: GraphQLError, document: DocumentNode) -> dict[str, Any]:
    message, extensions = error.message, {"code": "invalid"}
    for pattern, reword in _RULES:
        match = pattern.search(error.message)
        if match:
            message, extensions = reword(match)
            break
    node = error.nodes[0] if error.nodes else None
    return {
        "message": message,
        "locations": [location.formatted for location in error.locations or ()],
        "path": _path(document, node) if node else [],
        "extensions": extensions,
    }


def _path(document: DocumentNode, target: Node) -> list[str]:
    """Return the path of a node: the operation or fragment, then the fields down to it."""
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = f" {definition.name.value}" if definition.name else ""
            start = f"{definition.operation.value}{name}"
        elif isinstance(definition, FragmentDefinitionNode):
            start = f"fragment {definition.name.value}"
        else:
            continue
        path = _down_to(definition, target, [start])
        if path:
            return path
    return []


def _down_to(node: Any, target: Node, path: list[str]) -> list[str] | None:
    if node is target:
        return path
    for child in getattr(getattr(node, "selection_set", None), "selections", None) or ():
        step = [child.alias.value if child.alias else child.name.value] if isinstance(child, FieldNode) else []
        found_path = _down_to(child, target, path + step)
        if found_path:
            return found_path
    if isinstance(node, FieldNode) and any(argument is target for argument in node.arguments or ()):
        return path
    return None


def _bare(kind: str) -> str:
    return re.sub(r"[!\[\]]", "", kind)
