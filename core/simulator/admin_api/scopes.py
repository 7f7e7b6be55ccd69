"""What the app must be granted for what it asks: as Shopify's own schema says it, field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    default_field_resolver,
    get_named_type,
    visit,
)

from core.simulator.admin_api.schema import schema

_ORDERS, _CUSTOMERS, _PRODUCTS = ("read_orders",), ("read_customers",), ("read_products",)
_STOCK, _PLACES, _REPORTS = ("read_inventory",), ("read_locations",), ("read_reports",)
_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Order": _ORDERS,
        "LineItem": _ORDERS,
        "Refund": _ORDERS,
        "SalesAgreement": _ORDERS,
        "AbandonedCheckout": _ORDERS,
        "Customer": _CUSTOMERS,
        "Product": _PRODUCTS,
        "ProductVariant": _PRODUCTS,
        "InventoryItem": (*_STOCK, *_PRODUCTS),
        "InventoryLevel": _STOCK,
        "InventoryQuantity": _STOCK,
        "Location": (*_PLACES, *_STOCK),
    }
)
"""What a field of such a type takes, or of a list of it: one of these scopes."""
_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "QueryRoot.ordersCount": _ORDERS,
        "QueryRoot.abandonedCheckoutsCount": _ORDERS,
        "QueryRoot.customersCount": _CUSTOMERS,
        "QueryRoot.productsCount": _PRODUCTS,
        "QueryRoot.locations": _PLACES,
        "QueryRoot.shopifyqlQuery": _REPORTS,
        "Location.legacyResourceId": _PLACES,
        "Location.name": _PLACES,
        "Location.isActive": _PLACES,
        "Location.createdAt": _PLACES,
        "Location.updatedAt": _PLACES,
        "Location.inventoryLevels": _PLACES,
    }
)
"""What a field takes whatever its type."""
_DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"


def resolver(scopes: Iterable[str]) -> Callable[..., Any]:
    """Resolves the fields that scopes suffice for, and refuses all others as Shopify does."""
    readable = _readable(scopes)
    if all(takes[0] in readable for takes in (*_TYPES.values(), *_FIELDS.values())):
        return default_field_resolver

    def resolve(source: Any, info: Any, **args: Any) -> Any:
        takes = _takes(info.parent_type.name, info.field_name, info.return_type)
        if takes and readable.isdisjoint(takes):
            raise _refusal(info.field_name, takes)
        return default_field_resolver(source, info, **args)

    return resolve


def suffices(document: DocumentNode, scopes: Iterable[str]) -> bool:
    """Whether scopes suffice for all that a document asks: a bulk operation is refused as a whole."""
    types = TypeInfo(schema())
    walk = _Walk(types, _readable(scopes))
    visit(document, TypeInfoVisitor(types, walk))
    return not walk.refused


class _Walk(Visitor):
    def __init__(self, types: TypeInfo, readable: Collection[str]) -> None:
        super().__init__()
        self.refused = False
        self._types, self._readable = types, frozenset(readable)

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent, kind = self._types.get_parent_type(), self._types.get_type()
        takes = _takes(parent.name, node.name.value, kind) if parent and kind else ()
        self.refused |= bool(takes) and self._readable.isdisjoint(takes)


def _readable(scopes: Iterable[str]) -> frozenset[str]:
    """What may be written may be read."""
    granted = frozenset(scopes)
    return granted | {"read_" + scope.removeprefix("write_") for scope in granted if scope.startswith("write_")}


def _takes(parent: str, name: str, kind: Any) -> tuple[str, ...]:
    return _FIELDS.get(f"{parent}.{name}") or _TYPES.get(_thing(kind), ())


def _thing(kind: Any) -> str:
    """The name of the type of a field, or of the things in its connection."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLObjectType) and named.name.endswith("Connection"):
        named = get_named_type(named.fields["nodes"].type)
    return str(named.name)


def _refusal(name: str, takes: tuple[str, ...]) -> GraphQLError:
    required = " or ".join(f"`{scope}` access scope" for scope in takes) + "."
    return GraphQLError(
        f"Access denied for {name} field. Required access: {required}",
        extensions={"code": "ACCESS_DENIED", "documentation": _DOCUMENTATION, "requiredAccess": required},
    )
