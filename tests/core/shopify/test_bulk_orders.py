"""Orders decoded by type: a line that decodes becomes the same record as by the patient mapping."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.domain import Order
from core.shopify import mapping, wire
from core.shopify.mapping import bulk_orders
from core.shopify.mapping.bulk_orders import Unexpected
from tests.core.shopify import nodes

BAG = {"shopMoney": {"amount": "20.10"}}
LINE = {
    "id": "gid://shopify/LineItem/11",
    "title": "Shirt",
    "variantTitle": " M ",
    "sku": "S-1",
    "vendor": "",
    "quantity": 2,
    "currentQuantity": 1,
    "isGiftCard": False,
    "product": {"id": "gid://shopify/Product/7"},
    "variant": None,
    "originalUnitPriceSet": BAG,
    "discountAllocations": [{"allocatedAmountSet": BAG}, {"allocatedAmountSet": BAG}],
    "taxLines": [{"title": "VAT", "rate": 0.19, "priceSet": BAG}, {"title": "City", "rate": None, "priceSet": BAG}],
    "__parentId": "gid://shopify/Order/1",
}
SHIPPING = {
    "id": "gid://shopify/ShippingLine/5",
    "title": "Parcel",
    "isRemoved": False,
    "originalPriceSet": BAG,
    "discountAllocations": [],
    "taxLines": [{"title": "VAT", "rate": 0.19, "priceSet": BAG}],
}
PLACE = {"countryCodeV2": "DE", "provinceCode": None, "city": "Berlin"}
ORDER = {
    **{name: value for name, value in nodes.order(1).items() if name not in ("lineItems", "shippingLines")},
    "edited": False,
    "returnStatus": "NO_RETURN",
    "refunds": [],
    "discountCodes": ["A", "B"],
    "customer": {"id": "gid://shopify/Customer/81"},
    "shippingAddress": None,
    "billingAddress": PLACE,
    "cancelledAt": "2026-11-02T10:00:00Z",
    "totalPriceSet": BAG | {"presentmentMoney": {"amount": "22"}},
    "shippingLine": SHIPPING,
}

ODD = st.sampled_from(
    [
        *(
            None,
            True,
            False,
            0,
            7,
            -3,
            2**70,
            0.19,
            1e400,
            "",
            " ",
            "x",
            " X y ",
            "12",
            "-4",
            "1e3",
            "NaN",
            "0012.50",
        ),
        *(
            "Infinity",
            "1_000",
            "²",
            "gid://shopify/Order/9",
            "gid://shopify/A/9?inventory_item_id=8",
            "gid://shopify/A/x",
        ),
        *(
            "2026-11-01T10:00:00+02:00",
            "2026-11-01T10:00:00",
            "2026-11-01",
            "2026-11-01T10:00:00.123456Z",
            "\0",
            "Grüße",
        ),
        *([], ["a"], ["a", None], {}, PLACE, BAG, {"id": None}, {"id": "gid://shopify/A/5"}, {"shopMoney": None}),
        *({"shopMoney": {"amount": "NaN"}}, {"shopMoney": {"amount": 5}}, {"shopMoney": {"amount": "-0"}}),
        *([{"id": "gid://shopify/Refund/31"}], [{"allocatedAmountSet": BAG}], [{"title": "VAT", "priceSet": BAG}]),
    ]
)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.sampled_from(sorted(ORDER)), ODD),
        st.tuples(st.just("line"), st.sampled_from(sorted(LINE)), ODD),
        st.tuples(st.just("shipping"), st.sampled_from(sorted(SHIPPING)), ODD),
    ),
    max_size=3,
)


def by_type(order: dict[str, Any], line: dict[str, Any]) -> Order:
    """Decode by type; raises Unexpected."""
    return bulk_orders.order(json.dumps(order).encode(), [json.dumps(line).encode()])[0]


def patiently(order: dict[str, Any], line: dict[str, Any]) -> Order:
    node, child = wire.decoded(json.dumps(order).encode()), wire.decoded(json.dumps(line).encode())
    shipping = node["shippingLine"]
    if shipping:
        shipping["id"] = shipping["id"] or "gid://shopify/ShippingLine/0"
    lists = {"lineItems": {"nodes": [child]}, "shippingLines": {"nodes": [shipping] if shipping else []}}
    return mapping.order(node | lists)


def test_a_line_as_shopify_writes_it_is_read_by_type() -> None:
    order = by_type(ORDER, LINE)
    assert repr(order) == repr(patiently(ORDER, LINE))
    assert (order.country, order.line_items[0].variant_title, order.line_items[0].vendor) == ("DE", "M", None)


@settings(max_examples=600, deadline=None)
@example([("order", "createdAt", "2026-11-01T10:00:00+02:00")])
@example([("order", "totalTaxSet", {"shopMoney": {"amount": "NaN"}})])
@given(changes=CHANGES)
def test_both_mappings_make_the_same_record_of_any_line_or_the_typed_one_refuses_it(
    changes: list[tuple[str, str, Any]],
) -> None:
    order, line = deepcopy(ORDER), deepcopy(LINE)
    at = {"order": order, "line": line, "shipping": order["shippingLine"]}
    for where, name, value in changes:
        at[where][name] = value
    try:
        read = by_type(order, line)
    except Unexpected:
        return
    assert repr(read) == repr(patiently(order, line))


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"null", b'{"id":"\xff"}'])
def test_a_line_that_is_no_order_is_left_to_the_patient_mapping(line: bytes) -> None:
    with pytest.raises(Unexpected):
        bulk_orders.order(line, [])


def test_the_total_is_the_one_as_placed_and_not_after_edits() -> None:
    node = ORDER | {
        "originalTotalPriceSet": {"shopMoney": {"amount": "3.00"}, "presentmentMoney": {"amount": "2.50"}}
    }
    order, _ = bulk_orders.order(json.dumps(node, default=str).encode(), [])
    assert (str(order.total), str(order.presentment_total)) == ("3.00", "2.50")
