"""A form that uploads files to one of our routes. `dashboard.web.shell` has its styles, in the look of other forms.

It is a form of HTML, because the files go to a route: Streamlit's upload widget keeps whole files in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st


def draw_upload_form(
    action: str,
    label: str,
    button: str,
    hidden: Mapping[str, str | int],
    accept: str,
    is_multiple: bool = False,
    checkbox: tuple[str, str, str] | None = None,
) -> None:
    """Draw the form, whose files go to the address `action` with the `hidden` values.

    `checkbox` is a name, a value and the text beside it.
    """
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(str(value))}">' for name, value in hidden.items()
    )
    choice = ""
    if checkbox:
        name, value, text = map(escape, checkbox)
        choice = f'<label class="xeno-check"><input type="checkbox" name="{name}" value="{value}"> {text}</label>'
    st.html(
        f'<form class="xeno-upload" action="{escape(action)}" method="post" enctype="multipart/form-data">{fields}'
        f'<label class="xeno-files"><span>{escape(label)}</span><input type="file" name="files" required '
        f'accept="{escape(accept)}"{" multiple" if is_multiple else ""}></label>{choice}'
        f'<button type="submit">{escape(button)}</button></form>'
    )
