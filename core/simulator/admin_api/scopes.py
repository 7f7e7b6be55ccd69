"""The scopes that each field needs, as in Shopify's own schema."""

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
_INVENTORY, _LOCATIONS, _REPORTS = ("read_inventory",), ("read_locations",), ("read_reports",)
_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Order": _ORDERS,
        "LineItem": _ORDERS,
        "Refund": _ORDERS,
        "CustomerJourneySummary": _ORDERS,
        "CustomerVisit": _ORDERS,
        "TransactionFee": _ORDERS,
        "Return": ("read_returns",),
        "SalesAgreement": _ORDERS,
        "AbandonedCheckout": _ORDERS,
        "Customer": _CUSTOMERS,
        "CustomerStatistics": _CUSTOMERS,
        "Product": _PRODUCTS,
        "ProductVariant": _PRODUCTS,
        "InventoryItem": (*_INVENTORY, *_PRODUCTS),
        "InventoryLevel": _INVENTORY,
        "InventoryQuantity": _INVENTORY,
        "Location": (*_LOCATIONS, *_INVENTORY),
    }
)
"""The scopes of fields with such a type, or of a list of it. One of them suffices."""
_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "QueryRoot.ordersCount": _ORDERS,
        "QueryRoot.abandonedCheckoutsCount": _ORDERS,
        "QueryRoot.customersCount": _CUSTOMERS,
        "QueryRoot.productsCount": _PRODUCTS,
        "QueryRoot.locations": _LOCATIONS,
        "QueryRoot.shopifyqlQuery": _REPORTS,
        "Location.legacyResourceId": _LOCATIONS,
        "Location.name": _LOCATIONS,
        "Location.isActive": _LOCATIONS,
        "Location.createdAt": _LOCATIONS,
        "Location.updatedAt": _LOCATIONS,
        "Location.inventoryLevels": _LOCATIONS,
    }
)
"""The scopes of single fields, whatever their type."""
_DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"


def make_resolver(scopes: Iterable[str]) -> Callable[..., Any]:
    """Make a resolver that refuses the fields which the scopes do not cover, as Shopify does."""
    readable = _readable(scopes)
    if all(required[0] in readable for required in (*_TYPES.values(), *_FIELDS.values())):
        return default_field_resolver

    def resolve(source: Any, info: Any, **args: Any) -> Any:
        required = _required_scopes(info.parent_type.name, info.field_name, info.return_type)
        if required and readable.isdisjoint(required):
            raise _refusal(info.field_name, required)
        return default_field_resolver(source, info, **args)

    return resolve


def is_allowed(document: DocumentNode, scopes: Iterable[str]) -> bool:
    """Whether the scopes cover everything in a document. A bulk operation is refused as a whole."""
    types = TypeInfo(schema())
    check = _ScopeCheck(types, _readable(scopes))
    visit(document, TypeInfoVisitor(types, check))
    return not check.refused


class _ScopeCheck(Visitor):
    def __init__(self, types: TypeInfo, readable: Collection[str]) -> None:
        super().__init__()
        self.refused = False
        self._types, self._readable = types, frozenset(readable)

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent, kind = self._types.get_parent_type(), self._types.get_type()
        required = _required_scopes(parent.name, node.name.value, kind) if parent and kind else ()
        self.refused |= bool(required) and self._readable.isdisjoint(required)


def _readable(scopes: Iterable[str]) -> frozenset[str]:
    """Return the read scopes. A write scope includes reading."""
    granted = frozenset(scopes)
    return granted | {"read_" + scope.removeprefix("write_") for scope in granted if scope.startswith("write_")}


def _required_scopes(parent: str, name: str, kind: Any) -> tuple[str, ...]:
    return _FIELDS.get(f"{parent}.{name}") or _TYPES.get(_node_type(kind), ())


def _node_type(kind: Any) -> str:
    """Return the name of a field's type, or of the nodes in its connection."""
    base_type = get_named_type(kind)
    if isinstance(base_type, GraphQLObjectType) and base_type.name.endswith("Connection"):
        base_type = get_named_type(base_type.fields["nodes"].type)
    return str(base_type.name)


def _refusal(name: str, required: tuple[str, ...]) -> GraphQLError:
    names = " or ".join(f"`{scope}` access scope" for scope in required) + "."
    return GraphQLError(
        f"Access denied for {name} field. Required access: {names}",
        extensions={"code": "ACCESS_DENIED", "documentation": _DOCUMENTATION, "requiredAccess": names},
    )
