"""The shop, its customers, products and webhook subscriptions as GraphQL nodes."""

from __future__ import annotations

from core.simulator.admin_api.inventory_nodes import item_node
from core.simulator.admin_api.node_parts import Node, address_node, list_connection
from core.simulator.defaults import API_VERSION
from core.simulator.shop.customers import rfm_group, spend_tier
from core.simulator.shop.formats import api_amount, api_time, gid
from core.simulator.shop.inventory import Item
from core.simulator.shop.model import Customer, Product, Variant
from core.simulator.shop.shop import Shop
from core.simulator.shop.subscriptions import Subscription


def shop_node(shop: Shop, timezone_offset: int) -> Node:
    """Draw the shop. `timezone_offset` is in minutes, as of now."""
    spec = shop.spec
    return {
        "__typename": "Shop",
        "id": gid("Shop", shop.shop_id),
        "name": spec.name,
        "email": "owner@example.com",
        "contactEmail": "hello@example.com",
        "myshopifyDomain": spec.domain,
        "url": f"https://{spec.domain}",
        "currencyCode": shop.currency,
        "enabledPresentmentCurrencies": [shop.currency],
        "ianaTimezone": spec.time_zone,
        "timezoneOffsetMinutes": timezone_offset,
        "taxesIncluded": spec.taxes_included,
        "taxShipping": True,
        "createdAt": api_time(shop.created_at),
        "updatedAt": api_time(shop.created_at),
        "plan": {"publicDisplayName": "Development", "partnerDevelopment": True, "shopifyPlus": False},
    }


def installation_node(shop: Shop) -> Node:
    """Draw the app's installation in this shop, with its granted scopes."""
    return {
        "__typename": "AppInstallation",
        "id": gid("AppInstallation", shop.shop_id),
        "accessScopes": [{"handle": scope, "description": scope.replace("_", " ")} for scope in shop.scopes],
    }


def version_node() -> Node:
    """Draw the API version that answers."""
    return {"handle": API_VERSION, "displayName": f"{API_VERSION} (Latest)", "supported": True}


def customer_node(shop: Shop, customer: Customer) -> Node:
    """Draw a customer with Shopify's own totals."""
    return {
        "__typename": "Customer",
        "id": gid("Customer", customer.customer_id),
        "legacyResourceId": str(customer.customer_id),
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "displayName": f"{customer.first_name} {customer.last_name}",
        "state": "DISABLED",  # no password, as most customers
        "tags": sorted(customer.tags),
        "locale": customer.locale,
        "note": None,
        "verifiedEmail": True,
        "taxExempt": False,
        "createdAt": api_time(customer.created_at),
        "updatedAt": api_time(customer.updated_at),
        "numberOfOrders": str(customer.orders_count),
        "amountSpent": {"amount": api_amount(customer.amount_spent), "currencyCode": shop.currency},
        "statistics": {"rfmGroup": rfm_group(customer), "predictedSpendTier": spend_tier(customer)},
        "defaultEmailAddress": {
            "emailAddress": customer.email,
            "marketingState": "SUBSCRIBED" if customer.subscribed else "NOT_SUBSCRIBED",
            "marketingUpdatedAt": api_time(customer.created_at) if customer.subscribed else None,
        },
        "defaultPhoneNumber": None,
        "defaultAddress": {
            **(address_node(customer.address) or {}),
            "firstName": customer.first_name,
            "lastName": customer.last_name,
            "name": f"{customer.first_name} {customer.last_name}",
        },
    }


def product_node(shop: Shop, product: Product) -> Node:
    """Draw a product with its variants."""
    return {
        "__typename": "Product",
        "id": gid("Product", product.product_id),
        "legacyResourceId": str(product.product_id),
        "title": product.title,
        "handle": product.handle,
        "vendor": product.vendor,
        "productType": product.product_type,
        "status": "ACTIVE",
        "tags": sorted(product.tags),
        "isGiftCard": product.is_gift_card,
        "totalInventory": sum(variant.stock for variant in product.variants),
        "createdAt": api_time(product.created_at),
        "updatedAt": api_time(product.updated_at),
        "publishedAt": api_time(product.created_at),
        "variantsCount": {"count": len(product.variants), "precision": "EXACT"},
        "variants": lambda info, sortKey=None, **page: list_connection(
            product.variants,
            lambda variant: variant.variant_id,
            lambda variant: variant_node(shop, product, variant),
        )(info, **page),
    }


def variant_node(shop: Shop, product: Product, variant: Variant) -> Node:
    """Draw a variant of a product."""
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", variant.variant_id),
        "legacyResourceId": str(variant.variant_id),
        "title": variant.title,
        "displayName": f"{product.title} - {variant.title}",
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": f"{variant.price:f}",
        "compareAtPrice": None if variant.compare_at_price is None else f"{variant.compare_at_price:f}",
        "position": variant.position,
        "inventoryQuantity": variant.stock,
        "taxable": not product.is_gift_card,
        "createdAt": api_time(variant.created_at),
        "updatedAt": api_time(variant.updated_at),
        "product": lambda _info: product_node(shop, product),
        "inventoryItem": item_node(shop, Item(product, variant)),
    }


def subscription_node(subscription: Subscription) -> Node:
    """Draw a webhook subscription."""
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", subscription.subscription_id),
        "legacyResourceId": str(subscription.subscription_id),
        "topic": subscription.topic,
        "uri": subscription.uri,
        "callbackUrl": subscription.uri,
        "name": subscription.name,
        "format": "JSON",
        "filter": subscription.filter,
        "includeFields": [],
        "metafieldNamespaces": [],
        "apiVersion": version_node(),
        "createdAt": api_time(subscription.created_at),
        "updatedAt": api_time(subscription.created_at),
    }
