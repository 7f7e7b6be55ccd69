"""The webhook receiver: a small Flask process that keeps what Shopify sends, and answers quickly.

It is also where browsers go to install the operator's app, and come back from Shopify: its address is public.
"""

from __future__ import annotations

from flask import Flask, request

from core.config import WEBHOOK_PATH
from core.webhooks.inbox import Inbox
from webhook_receiver import deliveries, front, health, oauth
from webhook_receiver.strangers import Strangers

MAX_BODY = 16 * 1024 * 1024
"""Bytes. Shopify documents no limit; the largest bodies seen are some hundred KB."""


def create_app() -> Flask:
    """The WSGI application. Every worker process and thread may serve every store: what one remembers of a store is
    checked with every delivery."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    strangers = Strangers()
    app.after_request(lambda response: strangers.limit(request.environ, response))
    receive = deliveries.receiver(Inbox(), MAX_BODY)
    app.add_url_rule(WEBHOOK_PATH, view_func=lambda: front.respond(receive(request.environ)), methods=["POST"])
    app.add_url_rule(oauth.START_PATH, view_func=oauth.start)
    app.add_url_rule(oauth.CALLBACK_PATH, view_func=oauth.callback)
    app.add_url_rule("/healthz", view_func=health.alive)
    app.add_url_rule("/readyz", view_func=health.ready)
    app.register_error_handler(Exception, health.failed)
    app.wsgi_app = front.before(app.wsgi_app, receive, strangers)  # type: ignore[method-assign, assignment]
    return app
