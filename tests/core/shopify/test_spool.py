"""A result file, however large and in whatever order, becomes objects with all of their children."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ShopifyDown
from core.shopify.spool import Group, Spool

RECORDED = Path(__file__).parents[2] / "payloads" / "graphql"


def root(number: int) -> bytes:
    return json.dumps({"id": f"gid://shopify/Order/{number}", "name": f"#{number}"}, separators=(",", ":")).encode()


def child(number: int, parent: int, title: str = "Shirt") -> bytes:
    line = {"id": f"gid://shopify/LineItem/{number}", "title": title, "__parentId": f"gid://shopify/Order/{parent}"}
    return json.dumps(line, separators=(",", ":")).replace("/", "\\/").encode()


def groups(lines: list[bytes], part: int = 1000) -> list[Group]:
    with Spool(sum(map(len, lines)), part) as spool:
        spool.fill(lines)
        assert spool.lines == len(lines)
        return list(spool.groups())


def numbers(found: list[Group]) -> dict[str, list[str]]:
    return {json.loads(line)["id"]: [json.loads(each)["id"] for each in children] for line, children in found}


@pytest.mark.parametrize("name", ["bulk_products_2026-04", "bulk_variants_2026-04"])
def test_a_recorded_file_is_one_object_with_its_children(name: str) -> None:
    lines = (RECORDED / f"{name}.jsonl").read_bytes().splitlines()
    ((line, children),) = groups(lines)
    assert line.rstrip() == lines[0]
    assert [each.rstrip() for each in children] == lines[1:]


def test_children_may_stand_anywhere_after_their_parent() -> None:
    lines = [root(1), root(2), child(21, 2), child(11, 1), root(3), child(12, 1)]
    assert numbers(groups(lines)) == {
        "gid://shopify/Order/1": ["gid://shopify/LineItem/11", "gid://shopify/LineItem/12"],
        "gid://shopify/Order/2": ["gid://shopify/LineItem/21"],
        "gid://shopify/Order/3": [],
    }


@given(orders=st.lists(st.integers(0, 4), min_size=1, max_size=60), part=st.integers(60, 5000), seed=st.integers())
def test_however_a_file_is_mixed_and_parted_each_object_meets_its_children(
    orders: list[int], part: int, seed: int
) -> None:
    # Shopify's ids of one kind are multiples of a power of two apart: the parts must be filled all the same.
    ids = [5_600_000_000_000 + place * 32_768 for place in range(len(orders))]
    children = [
        child(number * 10 + i, number) for number, count in zip(ids, orders, strict=True) for i in range(count)
    ]
    random.Random(seed).shuffle(children)
    found = numbers(groups([root(number) for number in ids] + children, part))
    assert {key: len(value) for key, value in found.items()} == {
        f"gid://shopify/Order/{number}": count for number, count in zip(ids, orders, strict=True)
    }


def test_a_large_file_is_parted_so_that_no_part_is_large() -> None:
    lines = [root(5_600_000_000_000 + number * 32_768) for number in range(2000)]
    with Spool(sum(map(len, lines)), 10_000) as spool:
        spool.fill(lines)
        sizes = [part.tell() for part in spool._parts]
    assert len(sizes) > 8
    assert max(sizes) < 3 * 10_000


def test_a_title_that_looks_like_a_parent_is_only_a_title() -> None:
    title = '"__parentId":"gid://shopify/Order/9"'
    ((line, children),) = groups([root(1), child(11, 1, title)])
    assert json.loads(children[0])["title"] == title
    assert json.loads(line)["name"] == "#1"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([root(1), child(11, 1)[:-20]], id="a line that is cut"),
        pytest.param([b'{"name":"no id"}'], id="an object without its id"),
        pytest.param([root(1), child(21, 2)], id="a child without its parent"),
    ],
)
def test_a_file_that_is_not_whole_is_not_used(lines: list[bytes]) -> None:
    with pytest.raises(ShopifyDown):
        groups(lines)


def test_an_empty_file_has_no_objects() -> None:
    assert groups([]) == []
