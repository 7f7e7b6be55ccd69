"""Pages run without a browser: signed in as one of the cast, with nothing cached from the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    """The caches are the process's, which all tests share."""
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
