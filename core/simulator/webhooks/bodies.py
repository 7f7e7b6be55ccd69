"""The bodies of topics about customers, products, inventory, edits, bulk operations, scopes and the shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.simulator.admin_api.bulk import Operation
from core.simulator.shop.formats import body_amount, body_time, gid
from core.simulator.shop.inventory import Level, level_gid
from core.simulator.shop.model import Customer, Order, Product, Variant
from core.simulator.shop.shop import Shop
from core.simulator.webhooks.body_parts import Body, order_customer_body


def customer_body(shop: Shop, customer: Customer) -> Body:
    """customers/create and customers/update: since 2025-01 without tags, totals and consents."""
    body = order_customer_body(shop, customer)
    return {**body, "addresses": [body["default_address"]]}


def customer_deletion_body(_shop: Shop, customer_id: int) -> Body:
    """customers/delete."""
    return {"id": customer_id, "tax_exemptions": [], "admin_graphql_api_id": gid("Customer", customer_id)}


def customer_merge_body(_shop: Shop, kept_id: int, merged_id: int) -> Body:
    """customers/merge."""
    return {
        "admin_graphql_api_customer_kept_id": gid("Customer", kept_id),
        "admin_graphql_api_customer_deleted_id": gid("Customer", merged_id),
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }


def deletion_body(_shop: Shop, deleted_id: int) -> Body:
    """orders/delete and products/delete: the id alone."""
    return {"id": deleted_id}


def product_body(shop: Shop, product: Product) -> Body:
    """products/create and products/update."""
    return {
        "id": product.product_id,
        "admin_graphql_api_id": gid("Product", product.product_id),
        "body_html": f"<p>{product.title}, by {product.vendor}.</p>",
        "created_at": body_time(shop, product.created_at),
        "handle": product.handle,
        "product_type": product.product_type,
        "published_at": body_time(shop, product.created_at),
        "template_suffix": None,
        "title": product.title,
        "updated_at": body_time(shop, product.updated_at),
        "vendor": product.vendor,
        "status": "active",
        "published_scope": "web",
        "tags": ", ".join(sorted(product.tags)),
        "variants": [_variant(shop, product, variant) for variant in product.variants],
        "options": [_option(product)],
        "images": [],
        "image": None,
        "media": [],
        "variant_gids": [
            {
                "admin_graphql_api_id": gid("ProductVariant", variant.variant_id),
                "updated_at": body_time(shop, variant.updated_at),
            }
            for variant in product.variants
        ],
        "has_variants_that_requires_components": False,
        "category": None,
    }


def level_body(shop: Shop, level: Level) -> Body:
    """inventory_levels/update."""
    return {
        "inventory_item_id": level.item.variant.inventory_item_id,
        "location_id": level.location.location_id,
        "available": level.units,
        "updated_at": body_time(shop, level.updated_at),
        "admin_graphql_api_id": level_gid(level),
    }


def edit_body(
    shop: Shop, order: Order, edit_id: int, at: datetime, added: Sequence[int], removed: Sequence[tuple[int, int]]
) -> Body:
    """orders/edited: the changed lines and their units, and nothing else of the order."""
    timestamp = body_time(shop, at)
    return {
        "order_edit": {
            "id": edit_id,
            "app_id": None,
            "created_at": timestamp,
            "committed_at": timestamp,
            "notify_customer": False,
            "order_id": order.order_id,
            "staff_note": "",
            "user_id": None,
            "line_items": {
                "additions": [{"id": line_id, "delta": order.line(line_id).quantity} for line_id in added],
                "removals": [{"id": line_id, "delta": units} for line_id, units in removed],
            },
            "discounts": {"line_item": {"additions": [], "removals": []}},
            "shipping_lines": {"additions": [], "removals": []},
        }
    }


def bulk_body(shop: Shop, operation: Operation) -> Body:
    """bulk_operations/finish: the status of an ended operation, in lower case. The address of its result is not in
    it."""
    return {
        "admin_graphql_api_id": gid("BulkOperation", operation.number),
        "completed_at": body_time(shop, operation.ends_at) if operation.complete else None,
        "created_at": body_time(shop, operation.created_at),
        "error_code": operation.error_code.lower() if operation.error_code else None,
        "status": operation.status.lower(),
        "type": "query",
    }


def scopes_body(shop: Shop, before: tuple[str, ...], at: datetime) -> Body:
    """app/scopes_update: the app's old and new scopes."""
    return {
        "id": 1,
        "shop_id": gid("Shop", shop.shop_id),
        "previous": sorted(before),
        "current": sorted(shop.scopes),
        "updated_at": body_time(shop, at),
    }


def shop_body(shop: Shop, at: datetime) -> Body:
    """shop/update and app/uninstalled: the whole shop, whatever changed."""
    spec = shop.spec
    return {
        "id": shop.shop_id,
        "name": spec.name,
        "email": "owner@example.com",
        "domain": spec.domain,
        "country_code": shop.home.code,
        "created_at": body_time(shop, shop.created_at),
        "updated_at": body_time(shop, at),
        "currency": shop.currency,
        "enabled_presentment_currencies": [shop.currency],
        "iana_timezone": spec.time_zone,
        "myshopify_domain": spec.domain,
        "money_format": "{{amount}}",
        "taxes_included": spec.taxes_included,
        "plan_display_name": "Development",
        "plan_name": "partner_test",
    }


def _variant(shop: Shop, product: Product, variant: Variant) -> Body:
    compare_at = variant.compare_at_price
    return {
        "id": variant.variant_id,
        "admin_graphql_api_id": gid("ProductVariant", variant.variant_id),
        "barcode": variant.barcode,
        "compare_at_price": None if compare_at is None else body_amount(shop.currency, compare_at),
        "created_at": body_time(shop, variant.created_at),
        "inventory_policy": "deny",
        "position": variant.position,
        "price": body_amount(shop.currency, variant.price),
        "product_id": product.product_id,
        "sku": variant.sku,
        "taxable": not product.is_gift_card,
        "title": variant.title,
        "updated_at": body_time(shop, variant.updated_at),
        "option1": variant.title,
        "option2": None,
        "option3": None,
        "image_id": None,
        "inventory_item_id": variant.inventory_item_id,
        "inventory_quantity": variant.stock,
        "old_inventory_quantity": variant.stock,
    }


def _option(product: Product) -> Body:
    return {
        "id": product.product_id + 1,
        "product_id": product.product_id,
        "name": product.option,
        "position": 1,
        "values": [variant.title for variant in product.variants],
    }
