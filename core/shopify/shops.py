"""Normalise the address of a Shopify store, or say why it is none; and build the address of its Admin API.

Tokens and client secrets are sent to the host that this module names. So a shop is checked when it comes in (typed by
a person, named by a header) and again before each request.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from core.errors import InvalidShop

SUFFIX = ".myshopify.com"

_NAME = re.compile(r"\A[a-z0-9][a-z0-9-]{0,62}\Z")  # a DNS label has 63 characters at most
_ADMIN_PATH = re.compile(r"\A/store/([^/]+)")
_EXAMPLE = "it looks like your-store.myshopify.com, and Shopify shows it under Settings → Domains."


def normalise(text: str) -> str:
    """Turn what a person pastes (a name, a domain, an address of the admin) into `name.myshopify.com`.

    Raises:
        InvalidShop: it is none of these; the message has the fault and the right form.
    """
    pasted = text.strip(" \t")
    if not pasted:
        raise InvalidShop(f"Enter the store's address; {_EXAMPLE}")
    if len(pasted) > 500:
        raise InvalidShop(f"This address is too long; {_EXAMPLE}")
    # This stands before lower(), which would turn some letters of other alphabets into ASCII.
    if not pasted.isascii() or not pasted.isprintable() or re.search(r"[\s@\\]", pasted):
        raise InvalidShop(f"A store's address has only letters, digits, hyphens and dots; {_EXAMPLE}")
    host, path = _host_and_path(pasted.lower())
    return _checked_name(_name(host, path)) + SUFFIX


def admin_base(shop: str, template: str) -> str:
    """Build the address of the shop's Admin API, without a slash at the end; `template` is SHOPIFY_ADMIN_URL
    (`https://{shop}`).

    It checks the shop again: a stored value, or one from a header, must never lead to another host.

    Raises:
        InvalidShop: `shop` is not exactly `name.myshopify.com`.
    """
    if not shop.endswith(SUFFIX) or not _NAME.match(shop.removesuffix(SUFFIX)):
        raise InvalidShop(f"This is not the address of a Shopify store; {_EXAMPLE}")
    return template.replace("{shop}", shop).rstrip("/")


def _host_and_path(pasted: str) -> tuple[str, str]:
    address = pasted if "://" in pasted else f"https://{pasted}"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise InvalidShop(f"This is not an address; {_EXAMPLE}") from None
    if parts.scheme not in ("http", "https") or port is not None or not parts.hostname:
        raise InvalidShop(f"This is not the address of a store; {_EXAMPLE}")
    return parts.hostname.removesuffix("."), parts.path


def _name(host: str, path: str) -> str:
    if host == "admin.shopify.com":
        match = _ADMIN_PATH.match(path)
        if not match:
            raise InvalidShop(
                "This address of Shopify's admin names no store; copy one such as admin.shopify.com/store/your-store."
            )
        return match[1]
    if host.endswith(SUFFIX):
        return host.removesuffix(SUFFIX)
    if host == SUFFIX.removeprefix("."):
        raise InvalidShop(f"The store's name is missing before {SUFFIX}; {_EXAMPLE}")
    if "." not in host:
        return host
    if SUFFIX in f".{host}":
        raise InvalidShop(f"{host} only looks like a store's address: it does not end in {SUFFIX}")
    raise InvalidShop(f"{host} is not a {SUFFIX} address; enter the one that Shopify gave you: {_EXAMPLE}")


def _checked_name(name: str) -> str:
    if len(name) > 63:
        raise InvalidShop(f"The store's name is too long; {_EXAMPLE}")
    if not _NAME.match(name):
        raise InvalidShop(
            f"A store's name has only letters, digits and hyphens and begins with no hyphen; {_EXAMPLE}"
        )
    return name
