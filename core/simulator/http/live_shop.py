"""A running shop: it applies events, journals them, sends their webhooks and answers the Admin API."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock, Timer
from typing import Any

from graphql import parse

from core.config import DEMO_CLIENT_ID, DEMO_SECRET, DEMO_TOKEN
from core.simulator.admin_api import bulk_query, scopes
from core.simulator.admin_api.bulk import BulkOperations, BulkOutcome, Operation
from core.simulator.admin_api.cost import Bucket
from core.simulator.admin_api.graphql import answer
from core.simulator.admin_api.oauth import Authorization, ClientTokens
from core.simulator.admin_api.root_fields import RootFields
from core.simulator.defaults import SCOPES
from core.simulator.http.faults import FaultInjector
from core.simulator.life.abandoned_checkouts import make_abandoned_checkouts
from core.simulator.life.context import Event, EventOutcome, Webhook
from core.simulator.life.events import apply
from core.simulator.life.history import make_shop
from core.simulator.life.journal import Journal
from core.simulator.shop.shop import ShopSpec
from core.simulator.shop.subscriptions import Subscription, Subscriptions
from core.simulator.webhooks.deliveries import Delivery, Sender, sign_delivery
from core.simulator.webhooks.topics import encode_body, webhook_body

_FINISHED = "bulk_operations/finish"


@dataclass(frozen=True, slots=True)
class Setup:
    """A shop to serve, and its credentials: a fixed token, or the client's id and secret."""

    spec: ShopSpec = field(default_factory=ShopSpec)
    token: str = DEMO_TOKEN
    client_id: str = DEMO_CLIENT_ID
    secret: str = DEMO_SECRET
    bucket_size: float = 2000
    restore_rate: float = 100
    scopes: tuple[str, ...] = SCOPES
    """The scopes of the app until it is installed with others."""
    bulk_seconds: float = 0
    """The duration of a bulk operation."""
    bulk_outcomes: tuple[BulkOutcome, ...] = ()
    """The outcomes of the first bulk operations; all others complete."""


class LiveShop:
    """The shop of a `Setup` with everything that happened in it; safe to use from several threads."""

    def __init__(
        self,
        setup: Setup,
        *,
        clock: Callable[[], datetime],
        journal: Journal,
        sender: Sender,
        past: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self.setup = setup
        self.shop = make_shop(setup.spec)
        self.shop.scopes = setup.scopes
        self.subscriptions = Subscriptions(setup.spec.domain)
        self.lock = RLock()
        self.faults = FaultInjector(setup.spec.domain)
        self._clock = lambda: clock() + timedelta(seconds=self.faults.settings.clock_skew_seconds)
        self._journal, self._sender = journal, sender
        self.oauth = Authorization(setup.spec.domain, setup.client_id, setup.secret, clock, self._journal_oauth)
        self.client_tokens = ClientTokens(setup.spec.domain, setup.client_id, setup.secret, clock)
        self._bucket = Bucket(setup.bucket_size, setup.restore_rate, clock)
        self.bulk = BulkOperations(
            setup.spec.domain,
            self._clock,
            lambda text: bulk_query.rows(text, self._roots.nodes),
            lambda text: scopes.is_allowed(parse(text), self.shop.scopes),
            self.faults.roll_bulk_outcome,
        )
        self.bulk.set_next(setup.bulk_outcomes, setup.bulk_seconds)
        self.bulk.on_start = self._schedule_finish_webhook
        self._timers: list[Timer] = []
        self.shop.checkouts = make_abandoned_checkouts(self.shop)
        self._roots = RootFields(
            self.shop,
            self.subscriptions,
            self._clock,
            self._subscribe,
            self._unsubscribe,
            self.bulk,
            self.shop.checkouts,
            lambda: timedelta(seconds=self.faults.settings.search_lag_seconds),
        )
        self._event_count = 0
        self.last_event_at: datetime | None = None
        for entry in past:
            if entry["kind"] == "oauth":
                self.oauth.replay(entry)
            else:
                self._apply(Event.from_json(entry))

    def trigger(self, kind: str, args: Mapping[str, Any] | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Trigger an event (see `core.simulator.life.events`), now if `at` is None, and send its webhooks. Returns
        its result.

        Raises:
            NotFound, InvalidInput: the event is impossible.
        """
        with self.lock:
            # Whole seconds, as in Shopify's API: two events can share one.
            when = (at or self._clock()).astimezone(UTC).replace(microsecond=0)
            event = Event(kind, when, f"{self.setup.spec.seed}/{self._event_count}", args or {})
            outcome = self._apply(event)
            self._journal.append({"shop": self.setup.spec.domain, **event.to_json()})
            self._send_webhooks(outcome.webhooks)
            return outcome.result

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the JSON of a request to the Admin API."""
        with self.lock:
            if self.faults.roll("api_throttled"):
                self._bucket.drain()
            return answer(self._roots, self._bucket, request)

    def grant(self) -> str:
        """Return the token of the client credentials grant."""
        return self.client_tokens.current()

    def revoke(self) -> None:
        """Revoke all granted tokens, as an uninstall does."""
        self.client_tokens.end()
        self.oauth.revoke()

    def uninstall(self) -> None:
        """Uninstall the app: revoke its tokens and send app/uninstalled."""
        with self.lock:
            self.revoke()
            self._send_webhooks([Webhook("app/uninstalled", (self._clock(),))])

    def change_scopes(self, scopes: Iterable[str], webhook_after: float | None = 0.0) -> None:
        """Grant the app other scopes from now on, and send app/scopes_update after some seconds; never if None."""
        with self.lock:
            before, self.shop.scopes = self.shop.scopes, tuple(scopes)
            update = Webhook("app/scopes_update", (before, self._clock()))
            if webhook_after:
                self._start_timer(webhook_after, self._send_late, update)
            elif webhook_after is not None:
                self._send_webhooks([update])

    def accept_token(self, token: str) -> bool:
        """Return whether this token is valid. Using a new token ends the one before it."""
        with self.lock:
            # The time of a comparison must not show how much of a token is right.
            fixed = hmac.compare_digest(token.encode(), self.setup.token.encode())
            return fixed or self.client_tokens.is_valid(token) or self.oauth.accept(token)

    def admit(self, token: str) -> bool:
        """Return whether a request with this token is answered: the token is valid, and no fault refuses it."""
        if self.faults.settings.tokens_refused:
            self.faults.count("tokens_refused")
            return False
        return self.accept_token(token)

    def expire(self) -> None:
        """Expire the granted access tokens early. Refresh tokens stay valid."""
        self.client_tokens.end()
        self.oauth.expire()

    def close(self) -> None:
        """Stop sending, and remove the results of bulk operations."""
        for timer in self._timers:
            timer.cancel()
            timer.join()
        self.bulk.close()

    def _schedule_finish_webhook(self, operation: Operation) -> None:
        """Send the webhook of a bulk operation's end when it comes, in real time."""
        if self.subscriptions.for_topic(_FINISHED):
            remaining = (operation.ends_at - self._clock()).total_seconds()
            self._start_timer(max(0.0, remaining) + 0.01, self._send_finish_webhook, operation.number)

    def _start_timer(self, seconds: float, act: Callable[..., object], *args: object) -> None:
        """Call `act` after some seconds of real time, unless the shop is closed before."""
        timer = Timer(seconds, act, args)
        timer.daemon = True
        self._timers = [running for running in self._timers if running.is_alive()] + [timer]
        timer.start()

    def _send_late(self, webhook: Webhook) -> None:
        with self.lock:
            self._send_webhooks([webhook])

    def _send_finish_webhook(self, number: int) -> None:
        with self.lock:
            operation = self.bulk.refresh(number)
            if operation.ended:
                self._send_webhooks([Webhook(_FINISHED, (operation,))])

    def _apply(self, event: Event) -> EventOutcome:
        outcome = apply(self.shop, self.subscriptions, event)
        self._event_count += 1
        self.last_event_at = event.at
        return outcome

    def _send_webhooks(self, webhooks: Iterable[Webhook]) -> None:
        """Send the webhooks of one event to their subscribers."""
        # One event id for all deliveries of an event: apps deduplicate by it.
        event_id, now = str(uuid.uuid4()), self._clock()
        domain, secret = self.setup.spec.domain, self.oauth.signing_secret
        for webhook in webhooks:
            subscribers = self.subscriptions.for_topic(webhook.topic)
            if subscribers:
                raw = encode_body(webhook_body(self.shop, webhook))
                for subscription in subscribers:
                    delivery = sign_delivery(subscription.uri, webhook.topic, domain, secret, raw, now, event_id)
                    self._send(subscription, delivery)

    def _send(self, subscription: Subscription, delivery: Delivery) -> None:
        for copy, wait in self.faults.plan_sending(delivery):
            self._sender.send(copy, wait)
        if self.faults.settings.webhook_outage and self.faults.settings.outage_unsubscribes:
            self._unsubscribe(subscription.subscription_id)
            self.faults.count("outage_unsubscribes")

    def _journal_oauth(self, entry: Mapping[str, Any]) -> None:
        self._journal.append({"shop": self.setup.spec.domain, **entry})

    def _subscribe(self, topic: str, uri: str, name: str | None, filter_: str | None) -> Subscription:
        outcome = self.trigger("subscribe", {"topic": topic, "uri": uri, "name": name, "filter": filter_})
        return self.subscriptions.by_id[outcome["subscription_id"]]

    def _unsubscribe(self, subscription_id: int) -> None:
        self.trigger("unsubscribe", {"subscription_id": subscription_id})
