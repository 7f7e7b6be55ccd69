"""The WSGI app of the receiver: its routes, and what happens around each request."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask, request

from core.config import WEBHOOK_PATH
from core.webhooks.receive import Inbox
from webhook_receiver import health, oauth
from webhook_receiver.error_responses import RefusalLimit
from webhook_receiver.webhooks import MAX_BODY, WebhookRoute, receive, respond


def create_app(clock: Callable[[], float] = time.monotonic) -> Flask:
    """The WSGI app. Every process and thread serves every store, because each delivery is verified with its row.

    `clock` gives the seconds by which the limit of refusals refills.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    inbox, refusals = Inbox(), RefusalLimit(clock)
    app.after_request(lambda response: refusals.limit(request.environ, response))
    # `WebhookRoute` answers every POST of this path first. The rule is there so that Flask answers others with 405.
    app.add_url_rule(WEBHOOK_PATH, view_func=lambda: respond(receive(inbox, request.environ)), methods=["POST"])
    app.add_url_rule(oauth.START_PATH, view_func=oauth.start)
    app.add_url_rule(oauth.CALLBACK_PATH, view_func=oauth.callback)
    app.add_url_rule("/healthz", view_func=health.alive)
    app.add_url_rule("/readyz", view_func=health.ready)
    app.register_error_handler(Exception, health.failure)
    app.extensions["webhooks"] = route = WebhookRoute(inbox, refusals, app.wsgi_app)
    app.wsgi_app = route  # type: ignore[method-assign]
    return app
