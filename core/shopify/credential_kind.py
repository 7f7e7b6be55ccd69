"""The kinds of credentials, as a store's row and its sealed credentials name them."""

from __future__ import annotations

from enum import StrEnum


class CredentialKind(StrEnum):
    """How a store was connected."""

    ADMIN_TOKEN = "admin_token"  # noqa: S105  # a name
    CLIENT_CREDENTIALS = "client_credentials"
    INSTALLED_APP = "installed_app"
