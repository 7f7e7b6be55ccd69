"""The beginning of a page about one record: who looks, in which store, and what to say if the record is not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NoReturn

import streamlit as st

from core.database import StoreKey
from core.stores import StoreView
from dashboard import addresses, filters, state
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.live import open_store
from dashboard.state import Viewer, carried

MISSING = "There is nothing to show at this address. It may have been deleted or erased, or belong to another store."
"""One sentence for every reason: another one for records of others would say that they exist."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Who looks, and the store whose record the address names. `query` is the address's."""

    viewer: Viewer
    store: StoreView
    query: dict[str, str]
    now: datetime

    @property
    def cache_key(self) -> tuple[StoreKey, int, str]:
        """The first arguments of every cached read, with the store's own currency."""
        return self.store.key, self.store.revision, self.store.currency

    @property
    def shop_domain(self) -> str:
        """The domain that addresses of the store's records begin with."""
        return self.store.shop_domain


def begin_record(path: str, label: str) -> RecordPage:
    """Begin a page about one record with the link to its list (`path`, `label`); end the run without the store.

    The store is that of the address, or the only one. A store of another business is not found.
    """
    now = datetime.now(UTC)
    viewer = state.require_viewer(now)
    head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    with head:
        links.draw_back(path, label)
    query = st.query_params.to_dict()
    carried.save({name: value for name, value in addresses.list_query(query).items() if name in addresses.FILTERS})
    store = find_store(viewer, query.get(addresses.SHOP, ""))
    if store is None:
        draw_missing()
    with head:
        open_store(viewer, store, now)
    return RecordPage(viewer, store, query, now)


def find_store(viewer: Viewer, handle: str) -> StoreView | None:
    """The viewer's store of this handle; without one, the only store."""
    if not handle:
        return viewer.stores[0] if len(viewer.stores) == 1 else None
    return next((store for store in viewer.stores if addresses.store_handle(store.shop_domain) == handle), None)


def draw_filters(page: RecordPage) -> Filters:
    """Draw period, comparison and currency for the one store of the page."""
    chosen = filters.draw_bar(replace(page.viewer, stores=(page.store,)), page.now)
    assert chosen is not None, "the page has a store"
    return chosen


def draw_shopify_link(page: RecordPage, kind: str, record_id: int) -> None:
    """Draw the link to the record in Shopify's admin; `kind` is "orders", "products" or "customers"."""
    # Streamlit opens it in a new tab, with rel="noopener noreferrer".
    address = addresses.shopify_admin_address(page.shop_domain, kind, record_id)
    st.link_button("Open in Shopify", address, icon=":material/open_in_new:")


def draw_missing() -> NoReturn:
    """Say that there is no such record, and end the run. The link back is drawn already."""
    st.title("Not found", anchor=False)
    st.markdown(MISSING)
    st.stop()
