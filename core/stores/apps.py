"""The operator's own app at Shopify, from the settings."""

from __future__ import annotations

from core.config import settings
from core.errors import ConfigError
from core.shopify.oauth import App


def operators() -> App:
    """Return the app of the settings.

    Raises:
        ConfigError: the settings name none.
    """
    chosen = settings()
    if not chosen.shopify_client_id or chosen.shopify_client_secret is None:
        raise ConfigError("No app can be installed here: SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET are not set.")
    previous = chosen.shopify_client_secret_previous
    return App(
        chosen.shopify_client_id,
        chosen.shopify_client_secret.get_secret_value(),
        previous.get_secret_value() if previous else None,
    )


def installed(client_id: str) -> App:
    """Return the app of the settings, if its id is `client_id`: the app that a store installed.

    Raises:
        ConfigError: the settings name another, or none.
    """
    app = operators()
    if app.client_id != client_id:
        raise ConfigError("This store installed another app than SHOPIFY_CLIENT_ID; set that or install this one.")
    return app
