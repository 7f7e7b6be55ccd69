"""Exports everything stored about one person in one store, as JSON, for the merchant to hand over."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.ingest.answers import unpacked
from core.privacy.bodies import Person
from core.shopify.mapping import kept_answers

_PERSON = text("""
    SELECT to_jsonb(c) - '{tenant_id,store_id,email_norm,name_norm,last_name_norm}'::text[] FROM customers c
    WHERE tenant_id = :tenant_id AND store_id = :store_id AND customer_id = :customer_id
""")
_ORDERS = text("""
    SELECT to_jsonb(o) - '{tenant_id,store_id,agreements,agreed_refunds,agreed_at}'::text[]
        - '{name_norm,email_norm,total_sorted,known_at}'::text[] || jsonb_build_object(
        'line_items', coalesce((
            SELECT jsonb_agg(to_jsonb(l) - 'tenant_id' - 'store_id' - 'order_id' ORDER BY l.position)
            FROM line_items l
            WHERE (l.tenant_id, l.store_id, l.order_id) = (o.tenant_id, o.store_id, o.order_id)
        ), '[]'),
        'refunds', coalesce((
            SELECT jsonb_agg(to_jsonb(r) - 'tenant_id' - 'store_id' - 'order_id' ORDER BY r.refund_id)
            FROM refunds r
            WHERE (r.tenant_id, r.store_id, r.order_id) = (o.tenant_id, o.store_id, o.order_id)
        ), '[]'),
        'return_lines', coalesce((
            SELECT jsonb_agg(to_jsonb(r) - 'tenant_id' - 'store_id' - 'order_id' ORDER BY r.return_line_id)
            FROM return_lines r
            WHERE (r.tenant_id, r.store_id, r.order_id) = (o.tenant_id, o.store_id, o.order_id)
        ), '[]'),
        'transactions', coalesce((
            SELECT jsonb_agg(to_jsonb(t) - 'tenant_id' - 'store_id' - 'order_id' ORDER BY t.transaction_id)
            FROM transactions t
            WHERE (t.tenant_id, t.store_id, t.order_id) = (o.tenant_id, o.store_id, o.order_id)
        ), '[]')
    )
    FROM orders o
    WHERE tenant_id = :tenant_id AND store_id = :store_id
      AND (customer_id = :customer_id OR order_id = ANY(:order_ids))
    ORDER BY processed_at, order_id
""")
_ANSWERS = text("""
    SELECT a.answer, a.dictionary FROM order_answers a
    JOIN orders o USING (tenant_id, store_id, order_id)
    WHERE tenant_id = :tenant_id AND store_id = :store_id
      AND (o.customer_id = :customer_id OR order_id = ANY(:order_ids))
    ORDER BY order_id
""")
_CHECKOUTS = text("""
    SELECT to_jsonb(c) - '{tenant_id,store_id,recovery_path}'::text[] || jsonb_build_object('lines', coalesce((
        SELECT jsonb_agg(to_jsonb(l) - 'tenant_id' - 'store_id' - 'checkout_id' ORDER BY l.checkout_line_id)
        FROM checkout_lines l
        WHERE (l.tenant_id, l.store_id, l.checkout_id) = (c.tenant_id, c.store_id, c.checkout_id)
    ), '[]'))
    FROM checkouts c
    WHERE tenant_id = :tenant_id AND store_id = :store_id AND customer_id = :customer_id
    ORDER BY created_at, checkout_id
""")


def export(session: Session, store: StoreKey, person: Person) -> dict[str, Any]:
    """The customer's row (None if there is none), orders with all their parts, what Shopify's API
    last said about them, and abandoned checkouts."""
    subject = {**store.parameters, "customer_id": person.customer_id, "order_ids": list(person.order_ids)}
    return {
        "customer": session.scalar(_PERSON, subject),
        "orders": list(session.scalars(_ORDERS, subject)),
        "answers": [_plain(row) for row in session.execute(_ANSWERS, subject)],
        "checkouts": list(session.scalars(_CHECKOUTS, subject)),
    }


def _plain(row: Any) -> Any:
    """Return a kept answer as JSON holds it: exact numbers become texts."""
    return json.loads(json.dumps(kept_answers.node_of(unpacked(row.answer, row.dictionary)), default=str))
