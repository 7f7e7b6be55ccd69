"""Which address a request comes from, where a proxy stands between. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"
"""Stands for a sender without an address, such as one on a Unix socket."""


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a setting such as "127.0.0.1, 10.0.0.0/8".

    Raises:
        ValueError: one of them is no address and no network.
    """
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def client_address(peer: str | None, forwarded_for: Sequence[str], proxies: Sequence[Network]) -> str:
    """The address of the client: the peer of the connection, or the address that trusted proxies name.

    `forwarded_for` holds the values of X-Forwarded-For. Each proxy appends the address that it saw, so the list is
    read from its end, and only as far as the addresses are trusted proxies: what stands before was written by the
    client.
    """
    address = _parsed(peer)
    named = [each for value in forwarded_for for each in value.split(",")]
    while address is not None and named and _is_in(address, proxies):
        before = _parsed(named.pop())
        if before is None:
            break
        address = before
    return str(address) if address is not None else UNKNOWN


def neighbourhood(address: str) -> str:
    """What limits count as one sender: an IPv4 address, or the /64 of an IPv6 address, which is one customer's."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed) if parsed is not None else UNKNOWN


def _parsed(text: str | None) -> Address | None:
    try:
        address = ip_address((text or "").strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: Address, proxies: Sequence[Network]) -> bool:
    return any(address in network for network in proxies)
