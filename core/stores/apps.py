"""The operator's own app at Shopify, as the settings name it."""

from __future__ import annotations

from core.config import settings
from core.errors import ConfigError
from core.shopify.oauth import App


def operators() -> App:
    """The app of the settings.

    Raises:
        ConfigError: the operator has set none.
    """
    chosen = settings()
    if not chosen.shopify_client_id or chosen.shopify_client_secret is None:
        raise ConfigError("No app can be installed here: SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET are not set")
    previous = chosen.shopify_client_secret_previous
    return App(
        chosen.shopify_client_id,
        chosen.shopify_client_secret.get_secret_value(),
        previous.get_secret_value() if previous else None,
    )


def installed(client_id: str) -> App:
    """The app of the settings, if it is this one.

    Raises:
        ConfigError: the settings name another, or none.
    """
    app = operators()
    if app.client_id != client_id:
        raise ConfigError("This store installed another app than SHOPIFY_CLIENT_ID; set that or install this one")
    return app
