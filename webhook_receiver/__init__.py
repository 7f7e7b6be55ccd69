"""The webhook receiver: a small Flask process that stores Shopify's webhooks and answers quickly.

It also serves the browsers that install the operator's app and return from Shopify, because its address is public.
`webhooks.py` receives a delivery, `oauth.py` an installation.
"""

from webhook_receiver.app import create_app
from webhook_receiver.webhooks import MAX_BODY

__all__ = ["MAX_BODY", "create_app"]
