"""The scripts and the font that a page will need, named in its HTML, so that the browser loads them at once.

Streamlit's client asks for the script of a component or a choice when the page's run sends the first one. By then,
the browser could have had it: the scripts travel while the websocket opens and the server reads.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit

from dashboard.navigation import PAGES

_STATIC = Path(streamlit.__file__).with_name("static") / "static"
_OF_VISITORS = ("BidiComponent", "TextInput", "Button")
_OF_USERS = ("BidiComponent", "Html", "ButtonGroup", "PageLink", "Button")
_LISTS = ("orders", "customers", "products", "returns", "checkouts", "deliveries", "profit", "settings")
_OTHERS = {
    **dict.fromkeys(_LISTS, ("TextInput",)),
    **dict.fromkeys(("stock", "baskets"), ("TextInput", "NumberInput")),
    "explore": ("Multiselect",),
}
"""What a page has beside the bar of its filters."""
_WITHOUT_FILTERS = frozenset({"stores", "targets"}) | {page.url_path for page in PAGES if page.is_hidden}
_IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
"""An import that runs with the script itself; `import(…)` loads its script later, if at all."""
_LONGEST_HEAD = 20_000
"""Characters: imports stand at the beginning of a script."""
_FONT_OF_STREAMLIT = re.compile(r'<link\s+rel="preload"\s+href="\./static/media/SourceSans[^>]*/>')
_FONT = '<link rel="preload" href="./static/media/{}" as="font" type="font/woff2" crossorigin>'
_SCRIPT = '<link rel="modulepreload" href="./static/js/{}" crossorigin>'


def with_preloads(page: str, url_path: str, is_signed_in: bool) -> str:
    """Add the preloads of the page at this path to Streamlit's HTML; for a visitor, those of the sign-in form.

    The preload of Streamlit's own font is removed: our theme does not use it.
    """
    page = _FONT_OF_STREAMLIT.sub("", page)
    filters = () if url_path in _WITHOUT_FILTERS else ("Selectbox",)
    files: dict[str, None] = {}
    for name in (*filters, *_OTHERS.get(url_path, ()), *_OF_USERS) if is_signed_in else _OF_VISITORS:
        _add_with_imports(_file("js", f"{name}.*.js"), files)
    font = _FONT.format(_file("media", "MaterialSymbols-Rounded.*.woff2"))
    scripts = (_SCRIPT.format(file) for file in files if file not in page)
    return page.replace("</head>", "\n    ".join(["", font, *scripts]) + "\n  </head>", 1)


@cache
def _file(folder: str, pattern: str) -> str:
    """The name of the one file; its hash changes with Streamlit's release."""
    (path,) = (_STATIC / folder).glob(pattern)
    return path.name


def _add_with_imports(file: str, files: dict[str, None]) -> None:
    if file in files:
        return
    files[file] = None
    for imported in _imports(file):
        _add_with_imports(imported, files)


@cache
def _imports(file: str) -> tuple[str, ...]:
    with (_STATIC / "js" / file).open(encoding="utf-8") as script:
        return tuple(dict.fromkeys(_IMPORT.findall(script.read(_LONGEST_HEAD))))
