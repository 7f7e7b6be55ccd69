"""The client's address behind proxies: what a stranger writes into X-Forwarded-For never counts."""

from __future__ import annotations

import pytest

from core.network.addresses import UNKNOWN, client_address, neighbourhood, parse_networks

NO_PROXY = parse_networks("")
PROXIES = parse_networks("127.0.0.1, 10.0.0.0/8")


def test_without_trusted_proxies_the_peer_counts_whatever_the_header_says() -> None:
    assert client_address("203.0.113.9", ["198.51.100.1"], NO_PROXY) == "203.0.113.9"
    assert client_address("127.0.0.1", ["198.51.100.1"], NO_PROXY) == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1", "198.51.100.1, 10.2.3.4"], "198.51.100.1"),
        (["198.51.100.1, nonsense"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
    ],
)
def test_a_trusted_proxy_names_the_client_and_earlier_entries_do_not_count(
    forwarded_for: list[str], client: str
) -> None:
    assert client_address("127.0.0.1", forwarded_for, PROXIES) == client


def test_a_peer_that_is_no_proxy_is_not_believed() -> None:
    assert client_address("203.0.113.9", ["198.51.100.1"], PROXIES) == "203.0.113.9"


@pytest.mark.parametrize("peer", [None, "", "unix:", "not an address"])
def test_a_peer_without_an_address_is_unknown(peer: str | None) -> None:
    assert client_address(peer, ["198.51.100.1"], PROXIES) == UNKNOWN


def test_one_customers_network_is_one_neighbourhood() -> None:
    assert neighbourhood("2001:db8:1:2:3:4:5:6") == neighbourhood("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert neighbourhood("2001:db8:1:3::1") != neighbourhood("2001:db8:1:2::1")
    assert neighbourhood("198.51.100.1") == "198.51.100.1"
    assert neighbourhood("fe80::1%eth0") == "fe80::/64"
    assert neighbourhood("nonsense") == UNKNOWN
