"""The app's side of one shop: its secret, its installations, and pairs of tokens, as Shopify gives and ends them.

Tokens follow from numbers, so that a replayed journal knows them again. Of the pairs one is current. The refresh
token that bought it works again until the new pair was used, for an answer that was lost; another installation ends
both.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from core.simulator.defaults import SCOPES

LONGEST_SIGNED_WITH_LAST = timedelta(hours=1)
REFRESH_SECONDS = 90 * 86_400
CLIENT_TOKEN_SECONDS = 86_399
CODE_LIFE = timedelta(seconds=60)

_HERE = frozenset(("127.0.0.1", "localhost", "::1"))


class Refused(Exception):
    """Shopify's answer to a wrong request: its code, with an HTTP status."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(slots=True)
class _Pair:
    """A pair that was given. `bought_with` is the number of the pair whose refresh token bought it."""

    number: int
    given_at: datetime
    seconds: int
    bought_with: int | None
    used: bool = False


class ClientTokens:
    """Tokens of the client credentials grant: the same for all who ask, until it expires or is ended."""

    def __init__(self, domain: str, client_id: str, secret: str, clock: Callable[[], datetime]) -> None:
        self.seconds = CLIENT_TOKEN_SECONDS
        """How long the next one lives."""
        self._told, self._secret, self._clock = f"{domain}/{client_id}", secret, clock
        self._number = 0
        self._ends_at: datetime | None = None

    def current(self) -> str:
        """The token that was given last, or will be given next."""
        digest = hmac.new(self._secret.encode(), f"{self._told}/{self._number}".encode(), hashlib.sha256)
        return "shpat_" + digest.hexdigest()[:32]

    def buy(self) -> tuple[str, int]:
        """The current token and the seconds it has left; a new one where it has expired."""
        now = self._clock()
        if self._expired():
            self.end()
        self._ends_at = self._ends_at or now + timedelta(seconds=self.seconds)
        return self.current(), round((self._ends_at - now).total_seconds())

    def opens(self, token: str) -> bool:
        """Whether it is the current one, and has not expired."""
        return hmac.compare_digest(token.encode(), self.current().encode()) and not self._expired()

    def end(self) -> None:
        """The current one opens nothing any more; the next is another."""
        self._number, self._ends_at = self._number + 1, None

    def _expired(self) -> bool:
        return self._ends_at is not None and self._clock() >= self._ends_at


class Authorization:
    """One app at one shop. `note` is told of each pair and rotation, for the journal."""

    def __init__(
        self,
        domain: str,
        client_id: str,
        secret: str,
        clock: Callable[[], datetime],
        note: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self.client_id, self.secret = client_id, secret
        self.token_seconds = 3600
        """How long access tokens live that are given from now on."""
        self.refreshes = 0
        self._domain, self._clock, self._note = domain, clock, note
        self._last_secret: tuple[str, datetime] | None = None
        self._codes: dict[str, tuple[datetime, tuple[str, ...]]] = {}
        self._pairs: dict[int, _Pair] = {}
        self._given = 0
        self._current: int | None = None
        self._scopes: tuple[str, ...] = SCOPES

    @property
    def signing_secret(self) -> str:
        """What webhooks are signed with: for an hour after a rotation still the secret before it."""
        if self._last_secret and self._clock() - self._last_secret[1] < LONGEST_SIGNED_WITH_LAST:
            return self._last_secret[0]
        return self.secret

    def refusal(self, asked: Mapping[str, str]) -> str | None:
        """Why the page that asks a merchant is not shown; None if it is."""
        if asked.get("client_id") != self.client_id:
            return "Oauth error application_cannot_be_found: Could not find Shopify app with this client id"
        redirect = urlsplit(asked.get("redirect_uri", ""))
        if redirect.scheme != "https" and redirect.hostname not in _HERE:
            return "Oauth error invalid_request: The redirect_uri is not whitelisted"
        unknown = {scope for scope in asked.get("scope", "").split(",") if scope} - set(SCOPES)
        return f"Oauth error invalid_scope: {', '.join(sorted(unknown))}" if unknown else None

    def agree(self, asked: Mapping[str, str]) -> str:
        """The merchant agrees: where the browser goes back to, with a code."""
        self._given += 1
        code = self._token("code", self._given)[:32]
        scopes = tuple(scope for scope in asked.get("scope", "").split(",") if scope) or SCOPES
        self._codes[code] = (self._clock(), scopes)
        store = self._domain.partition(".")[0]
        host = base64.b64encode(f"admin.shopify.com/store/{store}".encode()).decode().rstrip("=")
        back = {"code": code, "host": host, "state": asked.get("state", "")}
        return f"{asked['redirect_uri']}?{urlencode(self.signed(back))}"

    def signed(self, query: Mapping[str, str]) -> dict[str, str]:
        """A query as Shopify sends browsers with: with the shop, the time and the signature."""
        said = {**query, "shop": self._domain, "timestamp": str(int(self._clock().timestamp()))}
        text = "&".join(f"{key}={said[key]}" for key in sorted(said))
        return said | {"hmac": hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()}

    def grant(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint's answer to a code or a refresh token.

        Raises:
            Refused: as Shopify does.
        """
        if asked.get("client_id") != self.client_id:
            raise Refused("application_cannot_be_found")
        if asked.get("client_secret") != self.secret:
            raise Refused("invalid_client", 401)
        if asked.get("grant_type") == "refresh_token":
            bought_with = self._refreshable(asked.get("refresh_token", ""))
            self.refreshes += 1
            return self._give(bought_with)
        given_at, scopes = self._codes.pop(asked.get("code", ""), (None, ()))
        if given_at is None or self._clock() - given_at > CODE_LIFE:
            raise Refused("invalid_request")
        self._scopes = scopes
        return self._give(None)

    def opens(self, token: str) -> bool:
        """Whether a pair's access token opens the shop; the pair before it ends with its first use."""
        for pair in self._alive():
            if hmac.compare_digest(token.encode(), self._token("shpat", pair.number).encode()):
                pair.used = True
                return self._clock() < pair.given_at + timedelta(seconds=pair.seconds)
        return False

    def expire(self) -> None:
        """End the current access token before its time; its refresh token is good."""
        if self._current is not None:
            pair = self._pairs[self._current]
            pair.seconds = 0
            self._note_pair(pair)

    def revoke(self) -> None:
        """End all pairs, as when the app was uninstalled."""
        self._current = None
        self._note({"kind": "oauth", "pair": None})

    def rotate_secret(self, secret: str) -> None:
        """Give the app another secret; webhooks are signed with the one before for an hour."""
        self._last_secret, self.secret = (self.secret, self._clock()), secret

    def replay(self, told: Mapping[str, Any]) -> None:
        """Know again what `note` was told."""
        self._current = told["pair"]
        if self._current is not None:
            given_at = datetime.fromisoformat(told["given_at"])
            self._given = max(self._given, self._current)
            self._pairs[self._current] = _Pair(self._current, given_at, told["seconds"], told["bought_with"])

    def _alive(self) -> list[_Pair]:
        """The current pair, and the one before it for as long as the current was not used."""
        if self._current is None:
            return []
        current = self._pairs[self._current]
        before = self._pairs.get(current.bought_with or 0)
        return [current] if current.used or before is None else [current, before]

    def _refreshable(self, refresh_token: str) -> int:
        for pair in self._alive():
            if hmac.compare_digest(refresh_token.encode(), self._token("shprt", pair.number).encode()):
                return pair.number
        raise Refused("invalid_grant")

    def _give(self, bought_with: int | None) -> dict[str, Any]:
        self._given += 1
        number, at, seconds = self._given, self._clock(), self.token_seconds
        self._pairs[number] = _Pair(number, at, seconds, bought_with)
        self._current = number
        self._note_pair(self._pairs[number])
        return {
            "access_token": self._token("shpat", number),
            "scope": ",".join(self._scopes),
            "expires_in": seconds,
            "refresh_token": self._token("shprt", number),
            "refresh_token_expires_in": REFRESH_SECONDS,
        }

    def _note_pair(self, pair: _Pair) -> None:
        told = {"given_at": pair.given_at.isoformat(), "seconds": pair.seconds, "bought_with": pair.bought_with}
        self._note({"kind": "oauth", "pair": pair.number, **told})

    def _token(self, kind: str, number: int) -> str:
        digest = hmac.new(self.client_id.encode(), f"{kind}/{self._domain}/{number}".encode(), hashlib.sha256)
        return f"{kind}_{digest.hexdigest()[:32]}"
