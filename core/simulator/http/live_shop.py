"""One shop that lives on: things happen in it, are written down, and are told to who subscribed."""

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
from core.simulator.admin_api import bulk_query
from core.simulator.admin_api import scopes as access
from core.simulator.admin_api.bulk import BulkOperations, BulkOutcome, Operation
from core.simulator.admin_api.cost import Bucket
from core.simulator.admin_api.graphql import answer
from core.simulator.admin_api.oauth import Authorization, ClientTokens
from core.simulator.admin_api.root_fields import Roots
from core.simulator.defaults import SCOPES
from core.simulator.http.faults import FaultInjector
from core.simulator.life.abandoned_checkouts import abandon
from core.simulator.life.context import Event, Happened
from core.simulator.life.events import apply
from core.simulator.life.history import make_shop
from core.simulator.life.journal import Journal
from core.simulator.shop.shop import ShopSpec
from core.simulator.shop.subscriptions import Subscription, Subscriptions
from core.simulator.webhooks.bodies import bulk_body, encode_body, scopes_body, shop_body
from core.simulator.webhooks.deliveries import Delivery, Sender, delivery

_FINISHED = "bulk_operations/finish"


@dataclass(frozen=True, slots=True)
class Setup:
    """A shop that the simulator serves, and what opens it: a fixed token, or the client's id and secret."""

    spec: ShopSpec = field(default_factory=ShopSpec)
    token: str = DEMO_TOKEN
    client_id: str = DEMO_CLIENT_ID
    secret: str = DEMO_SECRET
    bucket_size: float = 2000
    restore_rate: float = 100
    scopes: tuple[str, ...] = SCOPES
    """What the app was granted, until it is installed with others."""
    bulk_seconds: float = 0
    """How long a bulk operation runs."""
    bulk_outcomes: tuple[BulkOutcome, ...] = ()
    """What becomes of the first bulk operations; all others go well."""


class LiveShop:
    """The shop of a `Setup` and all that happened in it; safe to use from several threads."""

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
        self.oauth = Authorization(setup.spec.domain, setup.client_id, setup.secret, clock, self._note_oauth)
        self.client_tokens = ClientTokens(setup.spec.domain, setup.client_id, setup.secret, clock)
        self._bucket = Bucket(setup.bucket_size, setup.restore_rate, clock)
        self.bulk = BulkOperations(
            setup.spec.domain,
            self._clock,
            lambda text: bulk_query.rows(text, self._roots.every),
            lambda text: access.suffices(parse(text), self.shop.scopes),
            self.faults.bulk_fate,
        )
        self.bulk.expect(setup.bulk_outcomes, setup.bulk_seconds)
        self.bulk.on_start = self._watch
        self._timers: list[Timer] = []
        self.shop.checkouts = abandon(self.shop)
        self._roots = Roots(
            self.shop,
            self.subscriptions,
            self._clock,
            self._subscribe,
            self._unsubscribe,
            self.bulk,
            self.shop.checkouts,
            lambda: timedelta(seconds=self.faults.settings.search_lag_seconds),
        )
        self._happened = 0
        self.last_event_at: datetime | None = None
        for told in past:
            if told["kind"] == "oauth":
                self.oauth.replay(told)
            else:
                self._apply(Event.from_json(told))

    def trigger(self, kind: str, args: Mapping[str, Any] | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Let something happen (see `core.simulator.life.events`), now if `at` is None, and tell who subscribed.

        Raises:
            NotFound, InvalidInput: it cannot.
        """
        with self.lock:
            when = (at or self._clock()).astimezone(UTC).replace(microsecond=0)
            event = Event(kind, when, f"{self.setup.spec.seed}/{self._happened}", args or {})
            happened = self._apply(event)
            self._journal.append({"shop": self.setup.spec.domain, **event.to_json()})
            self._tell(happened)
            return happened.result

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The Admin API's answer to a request's JSON."""
        with self.lock:
            if self.faults.strikes("api_throttled"):
                self._bucket.drain()
            return answer(self._roots, self._bucket, request)

    def grant(self) -> str:
        """The token of the client credentials grant."""
        return self.client_tokens.current()

    def revoke(self) -> None:
        """Make all tokens that were granted worthless, as when they have expired or the app was uninstalled."""
        self.client_tokens.end()
        self.oauth.revoke()

    def uninstall(self) -> None:
        """Uninstall the app: revoke its tokens and send app/uninstalled to its subscribers."""
        with self.lock:
            self.revoke()
            body = shop_body(self.shop, self._clock())
            self._tell(Happened({}, [("app/uninstalled", lambda: body)]))

    def regrant(self, scopes: Iterable[str]) -> None:
        """Grant the app other scopes from now on, and tell who wants to know."""
        with self.lock:
            before, self.shop.scopes = self.shop.scopes, tuple(scopes)
            body = scopes_body(self.shop, before, self._clock())
            self._tell(Happened({}, [("app/scopes_update", lambda: body)]))

    def opens(self, token: str) -> bool:
        """Whether this token opens the shop."""
        with self.lock:
            fixed = hmac.compare_digest(token.encode(), self.setup.token.encode())
            return fixed or self.client_tokens.opens(token) or self.oauth.opens(token)

    def lets_in(self, token: str) -> bool:
        """Whether a request with this token is answered: it opens the shop, and no fault refuses it."""
        if self.faults.settings.tokens_refused:
            self.faults.note("tokens_refused")
            return False
        return self.opens(token)

    def expire(self) -> None:
        """End the access tokens that were granted, as time does: what renews them is good."""
        self.client_tokens.end()
        self.oauth.expire()

    def close(self) -> None:
        """Nothing more is told, and the results of bulk operations are gone."""
        for timer in self._timers:
            timer.cancel()
            timer.join()
        self.bulk.close()

    def _watch(self, operation: Operation) -> None:
        """Tell who wants to know of the operation's end about when it comes, by the time that passes here."""
        if self.subscriptions.of(_FINISHED):
            left = (operation.ends_at - self._clock()).total_seconds()
            timer = Timer(max(0.0, left) + 0.01, self._tell_if_over, [operation.number])
            timer.daemon = True
            self._timers = [each for each in self._timers if each.is_alive()] + [timer]
            timer.start()

    def _tell_if_over(self, number: int) -> None:
        with self.lock:
            operation = self.bulk.now(number)
            if operation.ended:
                self._tell(Happened({}, [(_FINISHED, lambda: bulk_body(self.shop, operation))]))

    def _apply(self, event: Event) -> Happened:
        happened = apply(self.shop, self.subscriptions, event)
        self._happened += 1
        self.last_event_at = event.at
        return happened

    def _tell(self, happened: Happened) -> None:
        event_id, now = str(uuid.uuid4()), self._clock()
        for topic, body in happened.news:
            subscribers = self.subscriptions.of(topic)
            if subscribers:
                raw = encode_body(body())
                for each in subscribers:
                    domain, secret = self.setup.spec.domain, self.oauth.signing_secret
                    self._send(each, delivery(each.uri, topic, domain, secret, raw, now, event_id))

    def _send(self, subscription: Subscription, wanted: Delivery) -> None:
        for each, wait in self.faults.sendings(wanted):
            self._sender.put(each, wait)
        if self.faults.settings.webhook_outage and self.faults.settings.outage_unsubscribes:
            self._unsubscribe(subscription.subscription_id)
            self.faults.note("outage_unsubscribes")

    def _note_oauth(self, told: Mapping[str, Any]) -> None:
        self._journal.append({"shop": self.setup.spec.domain, **told})

    def _subscribe(self, topic: str, uri: str, name: str | None, searched: str | None) -> Subscription:
        made = self.trigger("subscribe", {"topic": topic, "uri": uri, "name": name, "filter": searched})
        return self.subscriptions.by_id[made["subscription_id"]]

    def _unsubscribe(self, subscription_id: int) -> None:
        self.trigger("unsubscribe", {"subscription_id": subscription_id})
