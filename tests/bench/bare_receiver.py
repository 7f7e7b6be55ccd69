"""The ceiling of the webhook receiver: verifies a signature and inserts the body, for one shop, and nothing else."""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import os

from flask import Flask, Response, request
from psycopg_pool import ConnectionPool

from webhook_receiver import MAX_BODY
from webhook_receiver.server import serve

pool = ConnectionPool(
    os.environ["BENCH_DATABASE_URL"], min_size=8, max_size=8, kwargs={"autocommit": True}, open=True
)
secret = os.environ["BENCH_SECRET"].encode()
app = Flask(__name__)


@app.post("/webhooks/shopify")
def receive() -> Response:
    """Store one delivery."""
    raw = request.get_data()
    signature = base64.b64encode(hmac.new(secret, raw, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(signature, request.headers["X-Shopify-Hmac-Sha256"]):
        return Response("", 401)
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO bench_inbox (webhook_id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (request.headers["X-Shopify-Webhook-Id"], raw),
        )
    return Response("stored\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    serve(app, "127.0.0.1", parser.parse_args().port, max_body=MAX_BODY)
