"""Mounts one of our components on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.component_registry import BidiComponentDefinition
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

from dashboard.components import files


class Component:
    """A component by its folder in `dashboard/components`. Create it once, when its module is imported."""

    def __init__(self, folder: str) -> None:
        script, styles = files.file_of(folder, ".js"), files.file_of(folder, ".css")
        self._definition = BidiComponentDefinition(
            name=files.project_name(folder),
            js=_path(script),
            css=_path(styles),
            js_asset_relative_path=files.address_in_component(script) if script else None,
            css_asset_relative_path=files.address_in_component(styles) if styles else None,
        )
        self._mount = st.components.v2.component(self._definition.name)

    def mount(
        self,
        key: str,
        data: dict[str, Any],
        width: Any = "stretch",
        height: Any = "content",
        **callbacks: Any,
    ) -> Any:
        """Mount it with this JSON-like data; returns its state and triggers as attributes.

        Each state or trigger needs its callback, `on_<name>_change`: without one, its attribute is missing.
        """
        # In each mount, because the tests of pages have a new registry in each run.
        registry = get_bidi_component_manager()
        if registry.get(self._definition.name) != self._definition:
            registry.register(self._definition)
        return self._mount(key=key, data=data, width=width, height=height, **callbacks)


def leave_to_run() -> None:
    """The callback of a trigger that the run itself handles: a callback cannot switch pages."""


def _path(path: Path | None) -> str | None:
    return str(path) if path else None
