"""The app at one shop: its secret, installation, and token pairs, issued and ended like Shopify's.

Tokens are derived from numbers, so that a replayed journal knows them again. One pair is current. The refresh token
that bought it works until the new pair is used, in case the answer was lost. A new installation ends both.
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

OLD_SECRET_SIGNS_FOR = timedelta(hours=1)
REFRESH_SECONDS = 90 * 86_400
CLIENT_TOKEN_SECONDS = 86_399
CODE_LIFE = timedelta(seconds=60)

_THIS_MACHINE = frozenset(("127.0.0.1", "localhost", "::1"))


class OAuthError(Exception):
    """Shopify's answer to an invalid request: its code, with an HTTP status."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(slots=True)
class _TokenPair:
    """A token pair. `bought_with` is the number of the pair whose refresh token bought it."""

    number: int
    issued_at: datetime
    seconds: int
    bought_with: int | None
    used: bool = False


class ClientTokens:
    """Tokens of the client credentials grant: the same for all requests, until it expires or is ended."""

    def __init__(self, domain: str, client_id: str, secret: str, clock: Callable[[], datetime]) -> None:
        self.seconds = CLIENT_TOKEN_SECONDS
        """How long the next one lives."""
        self._owner, self._secret, self._clock = f"{domain}/{client_id}", secret, clock
        self._number = 0
        self._ends_at: datetime | None = None

    def current(self) -> str:
        """Return the token that was issued last, or will be issued next."""
        digest = hmac.new(self._secret.encode(), f"{self._owner}/{self._number}".encode(), hashlib.sha256)
        return "shpat_" + digest.hexdigest()[:32]

    def issue(self) -> tuple[str, int]:
        """Issue the current token with its remaining seconds; a new one where it has expired."""
        now = self._clock()
        if self._expired():
            self.end()
        self._ends_at = self._ends_at or now + timedelta(seconds=self.seconds)
        return self.current(), round((self._ends_at - now).total_seconds())

    def is_valid(self, token: str) -> bool:
        """Whether this is the current token, and it has not expired."""
        return hmac.compare_digest(token.encode(), self.current().encode()) and not self._expired()

    def end(self) -> None:
        """Make the current token invalid; the next one is another."""
        self._number, self._ends_at = self._number + 1, None

    def _expired(self) -> bool:
        return self._ends_at is not None and self._clock() >= self._ends_at


class Authorization:
    """The authorization of one app at one shop. `note` is called with each issue and revocation, for the journal."""

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
        self._pairs: dict[int, _TokenPair] = {}
        self._issued = 0
        self._current: int | None = None
        self._scopes: tuple[str, ...] = SCOPES

    @property
    def signing_secret(self) -> str:
        """The secret that signs webhooks. For an hour after a rotation it is still the old one."""
        if self._last_secret and self._clock() - self._last_secret[1] < OLD_SECRET_SIGNS_FOR:
            return self._last_secret[0]
        return self.secret

    def refusal(self, query: Mapping[str, str]) -> str | None:
        """Return why the consent page is not shown; None if it is."""
        if query.get("client_id") != self.client_id:
            return "Oauth error application_cannot_be_found: Could not find Shopify app with this client id"
        redirect = urlsplit(query.get("redirect_uri", ""))
        if redirect.scheme != "https" and redirect.hostname not in _THIS_MACHINE:
            return "Oauth error invalid_request: The redirect_uri is not whitelisted"
        unknown = {scope for scope in query.get("scope", "").split(",") if scope} - set(SCOPES)
        return f"Oauth error invalid_scope: {', '.join(sorted(unknown))}" if unknown else None

    def approve(self, query: Mapping[str, str]) -> str:
        """Approve the installation. Returns the address, with a code, to which the browser goes back."""
        self._issued += 1
        code = self._token("code", self._issued)[:32]
        scopes = tuple(scope for scope in query.get("scope", "").split(",") if scope) or SCOPES
        self._codes[code] = (self._clock(), scopes)
        store = self._domain.partition(".")[0]
        host = base64.b64encode(f"admin.shopify.com/store/{store}".encode()).decode().rstrip("=")
        answer = {"code": code, "host": host, "state": query.get("state", "")}
        return f"{query['redirect_uri']}?{urlencode(self.signed(answer))}"

    def signed(self, query: Mapping[str, str]) -> dict[str, str]:
        """Add the shop, the time and the signature to a query, as Shopify does in redirects."""
        signed = {**query, "shop": self._domain, "timestamp": str(int(self._clock().timestamp()))}
        text = "&".join(f"{key}={signed[key]}" for key in sorted(signed))
        return signed | {"hmac": hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()}

    def grant(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Exchange a code or a refresh token for a token pair: the token endpoint's answer.

        Raises:
            OAuthError: Shopify would refuse.
        """
        if query.get("client_id") != self.client_id:
            raise OAuthError("application_cannot_be_found")
        if query.get("client_secret") != self.secret:
            raise OAuthError("invalid_client", 401)
        if query.get("grant_type") == "refresh_token":
            bought_with = self._pair_of_refresh_token(query.get("refresh_token", ""))
            self.refreshes += 1
            return self._issue_pair(bought_with)
        issued_at, scopes = self._codes.pop(query.get("code", ""), (None, ()))
        if issued_at is None or self._clock() - issued_at > CODE_LIFE:
            raise OAuthError("invalid_request")
        self._scopes = scopes
        return self._issue_pair(None)

    def accept(self, token: str) -> bool:
        """Return whether the token is an access token of a live pair. Its first use ends the pair before it."""
        for pair in self._valid_pairs():
            if hmac.compare_digest(token.encode(), self._token("shpat", pair.number).encode()):
                pair.used = True
                return self._clock() < pair.issued_at + timedelta(seconds=pair.seconds)
        return False

    def expire(self) -> None:
        """Expire the current access token early. Its refresh token stays valid."""
        if self._current is not None:
            pair = self._pairs[self._current]
            pair.seconds = 0
            self._note_pair(pair)

    def revoke(self) -> None:
        """End all pairs, as an uninstall does."""
        self._current = None
        self._note({"kind": "oauth", "pair": None})

    def rotate_secret(self, secret: str) -> None:
        """Give the app another secret. Webhooks are signed with the old one for an hour."""
        self._last_secret, self.secret = (self.secret, self._clock()), secret

    def replay(self, entry: Mapping[str, Any]) -> None:
        """Restore a pair or a revocation from its journal entry."""
        self._current = entry["pair"]
        if self._current is not None:
            issued_at = datetime.fromisoformat(entry["given_at"])
            self._issued = max(self._issued, self._current)
            self._pairs[self._current] = _TokenPair(self._current, issued_at, entry["seconds"], entry["bought_with"])

    def _valid_pairs(self) -> list[_TokenPair]:
        """Return the current pair, and the one before it until the current is used."""
        if self._current is None:
            return []
        current = self._pairs[self._current]
        before = self._pairs.get(current.bought_with or 0)
        return [current] if current.used or before is None else [current, before]

    def _pair_of_refresh_token(self, refresh_token: str) -> int:
        for pair in self._valid_pairs():
            if hmac.compare_digest(refresh_token.encode(), self._token("shprt", pair.number).encode()):
                return pair.number
        raise OAuthError("invalid_grant")

    def _issue_pair(self, bought_with: int | None) -> dict[str, Any]:
        self._issued += 1
        number, at, seconds = self._issued, self._clock(), self.token_seconds
        self._pairs[number] = _TokenPair(number, at, seconds, bought_with)
        self._current = number
        self._note_pair(self._pairs[number])
        return {
            "access_token": self._token("shpat", number),
            "scope": ",".join(self._scopes),
            "expires_in": seconds,
            "refresh_token": self._token("shprt", number),
            "refresh_token_expires_in": REFRESH_SECONDS,
        }

    def _note_pair(self, pair: _TokenPair) -> None:
        fields = {"given_at": pair.issued_at.isoformat(), "seconds": pair.seconds, "bought_with": pair.bought_with}
        self._note({"kind": "oauth", "pair": pair.number, **fields})

    def _token(self, kind: str, number: int) -> str:
        digest = hmac.new(self.client_id.encode(), f"{kind}/{self._domain}/{number}".encode(), hashlib.sha256)
        return f"{kind}_{digest.hexdigest()[:32]}"
