"""The address that a request comes from, also behind proxies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"
"""Stands for a sender without an address, such as one on a Unix socket."""


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a setting such as "127.0.0.1, 10.0.0.0/8".

    Raises:
        ValueError: one part is neither an address nor a network.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_address(peer: str | None, forwarded_for: Sequence[str], proxies: Sequence[Network]) -> str:
    """Return the client's address: the peer of the connection, or the address that trusted proxies name.

    `forwarded_for` holds the values of X-Forwarded-For. Each proxy appends the address that it saw, so the list is
    read from its end, and only as far as the addresses are trusted proxies. The client wrote the entries before.
    """
    address = _parse(peer)
    entries = [entry for value in forwarded_for for entry in value.split(",")]
    while address is not None and entries and _is_in(address, proxies):
        previous = _parse(entries.pop())
        if previous is None:
            break
        address = previous
    return str(address) if address is not None else UNKNOWN


def neighbourhood(address: str) -> str:
    """Return the addresses that limits count as one sender: an IPv4 address, or the /64 of an IPv6 one.

    A provider gives each customer a whole /64, so that one sender could use a new address for each request.
    """
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed) if parsed is not None else UNKNOWN


def _parse(text: str | None) -> Address | None:
    try:
        address = ip_address((text or "").strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: Address, proxies: Sequence[Network]) -> bool:
    return any(address in network for network in proxies)
