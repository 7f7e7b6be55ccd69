"""Every error of Xeno, as a tree. The class says whether to retry; the message is one sentence with the cure.

XenoError
├── PermanentError              a retry cannot help; somebody has to act
│   ├── ConfigError             a setting is missing or wrong: the process refuses to start
│   ├── InvalidInput            a person's input cannot be used
│   │   ├── InvalidShop         … as the address of a Shopify store
│   │   ├── InvalidFile         … as a file to import
│   │   └── TooMuch             … as a question: its answer takes too long
│   ├── NotSignedIn             wrong email or password, or no session
│   ├── NotAllowed              signed in, but this role may not
│   ├── NotFound                no such thing, for this tenant
│   │   └── StoreNotFound       … no such store, or not any more
│   ├── Conflict                it exists already
│   ├── RunLost                 a run has ended, or another worker has claimed it: leave it alone
│   ├── MailRefused             a mail server will never take this mail
│   ├── SignatureError          a delivery or callback was not signed with the store's secret
│   ├── UnmappableError         a body lacks what a record needs
│   │   └── NotKeyed            … the id of its record
│   └── ShopifyError            Shopify refused
│       ├── CredentialsRefused  … the token or the client secret: reconnect the store
│       ├── AccessDenied        … a field or topic: a scope is missing
│       ├── ShopUnavailable     … because the shop is frozen, locked or closed
│       └── QueryRefused        … the document or its cost: a fault of ours
└── TransientError              a retry of the same call may work later
    ├── TooManyAttempts         wait, then sign in again
    ├── RateLimited             this was done too often; wait, then retry
    ├── MailDown                a mail server cannot be reached, or does not take a mail now
    ├── Stopping                this process is being stopped; the job continues at the next start
    ├── DatabaseUnavailable     PostgreSQL does not answer
    └── ShopifyTransient        Shopify fails for the moment
        ├── Throttled           … because our requests cost too much
        ├── ShopifyDown         … timeouts, broken connections, 5xx
        └── ResultExpired       … the file of a bulk operation was deleted: run it again
"""

from __future__ import annotations


class XenoError(Exception):
    """Base of all errors raised on purpose. `str(error)` may be shown to the person who caused it."""


class PermanentError(XenoError):
    """A retry cannot help."""


class TransientError(XenoError):
    """A retry may work later; `retry_after` is the wait in seconds where it is known."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def wait_after(self, attempts: int) -> float:
        """Return the backoff in seconds after so many tries in a row.

        It doubles up to ten minutes. A longer `retry_after` counts up to a quarter of an hour.
        """
        return max(min(900, self.retry_after or 0), min(600, 2**attempts))


class ConfigError(PermanentError):
    """A setting is missing or wrong."""


class InvalidInput(PermanentError):
    """A person's input cannot be used; the message says how to write it."""


class InvalidShop(InvalidInput):
    """This is not the address of a Shopify store."""


class InvalidFile(InvalidInput):
    """A file cannot be imported; the message names the line and the column."""


class TooMuch(InvalidInput):
    """A question cannot be answered in the time it may take; the message says how to ask for less."""


class NotSignedIn(PermanentError):
    """Wrong email or password (the message never says which), or no valid session."""


class NotAllowed(PermanentError):
    """The signed-in user's role does not allow this."""


class NotFound(PermanentError):
    """There is no such thing for this tenant. The message never says whether another tenant has it."""


class StoreNotFound(NotFound):
    """The tenant has no such store. Its data was deleted, or the id is another tenant's."""

    def __init__(self) -> None:
        super().__init__("There is no such store here; choose one on the Stores page, or connect it.")


class Conflict(PermanentError):
    """It exists already."""


class RunLost(PermanentError):
    """A run was canceled, has ended, or is claimed by another worker. This worker leaves it alone."""


class MailRefused(PermanentError):
    """The mail server refuses this mail for good."""


class SignatureError(PermanentError):
    """A delivery or callback was not signed with a secret of the store it names."""


class UnmappableError(PermanentError):
    """A body lacks what a record needs; the message names the topic and the field."""


class NotKeyed(UnmappableError):
    """A body lacks the id of its record; the message says how that record arrives otherwise."""


class ShopifyError(PermanentError):
    """Shopify refused. The same call will be refused again."""


class CredentialsRefused(ShopifyError):
    """The access token or the client secret is not, or no longer, valid."""


class AccessDenied(ShopifyError):
    """A scope or an approval is missing."""


class ShopUnavailable(ShopifyError):
    """The shop is frozen, locked, or does not exist."""


class QueryRefused(ShopifyError):
    """Shopify rejected the document or its cost; `code` is Shopify's, such as MAX_COST_EXCEEDED."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class TooManyAttempts(TransientError):
    """Too many wrong passwords in a row for this address."""


class RateLimited(TransientError):
    """This was done too often from one address or in one tenant; `retry_after` is always set."""


class MailDown(TransientError):
    """The mail server cannot be reached, or does not accept the mail now."""


class Stopping(TransientError):
    """This process is being stopped; its job continues at the next start."""


class DatabaseUnavailable(TransientError):
    """PostgreSQL does not answer."""


class ShopifyTransient(TransientError):
    """Shopify fails for the moment."""


class Throttled(ShopifyTransient):
    """The cost bucket of this store is empty."""


class ShopifyDown(ShopifyTransient):
    """Shopify timed out, broke the connection or answered with a 5xx."""


class ResultExpired(ShopifyTransient):
    """Shopify deleted the file with a bulk operation's result; the operation has to run again."""
