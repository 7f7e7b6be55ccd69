"""The menu of a download: a button that opens the formats of one file. HTML without a script.

The browser opens and closes it: Escape, a click elsewhere and the keyboard work as in any menu. Its styles stand in
the page's head (`dashboard.web.shell`), because a page has many of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from dashboard.drawing import theme


class FileFormat(NamedTuple):
    """A format by the ending of its files, its name, and what is in it."""

    ending: str
    name: str
    note: str


FORMATS = (
    FileFormat("xlsx", "Excel", "with totals and definitions"),
    FileFormat("csv", "CSV", "the rows alone"),
    FileFormat("zip", "CSV with control totals", "ZIP with a text about it"),
)
_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='black' stroke-width='2' "
    "stroke-linecap='round' stroke-linejoin='round'><path d='M12 4v10m-4-4 4 4 4-4M5 16v3h14v-3'/></svg>"
)
"""As in `dashboard/components/cards/download.js`."""
STYLES = """
.xeno-download > button, .xeno-download a { font: inherit; font-size: 0.93rem; color: inherit; }
.xeno-download > button {
  padding: 0.25rem 0; border: 1px solid transparent; border-radius: 0.5rem; background: none; cursor: pointer;
  white-space: nowrap; min-height: 2rem; display: inline-flex; align-items: center; gap: 0.35rem;
}
.xeno-download > button::before {
  content: ""; width: 1.1rem; height: 1.1rem; background: currentColor;
  mask: url("data:image/svg+xml,{icon}") center / contain;
}
.xeno-download > button:hover, .xeno-download a:hover { color: var(--xeno-link); }
.xeno-download > button:focus-visible, .xeno-download a:focus-visible {
  outline: 2px solid var(--xeno-link); outline-offset: 1px;
}
.xeno-download > div {
  min-width: 15rem; max-width: calc(100vw - 2rem); padding: 0.3rem; border: 1px solid var(--xeno-border);
  border-radius: 0.5rem; background: var(--xeno-ground); color: inherit; box-shadow: 0 4px 16px rgb(0 0 0 / 0.18);
}
@supports (position-area: bottom) {
  .xeno-download > div {
    inset: auto; margin: 0.2rem 0; position-area: bottom span-left; position-try-fallbacks: flip-block;
  }
}
.xeno-download a { display: block; padding: 0.45rem 0.6rem; border-radius: 0.35rem; text-decoration: none; }
.xeno-download a:hover { background: var(--xeno-second-ground); }
.xeno-download p { margin: 0.4rem 0.6rem 0.1rem; font-weight: 600; font-size: 0.93rem; }
.xeno-download small { display: block; opacity: 0.75; font-size: 0.82rem; }
""".replace("{icon}", _ICON)


def colors(mode: str) -> str:
    """The colours of menus in "light" or "dark", as properties."""
    configured = theme.configured(mode)
    return (
        f"--xeno-link: {configured['linkColor']}; --xeno-border: {configured['borderColor']}; "
        f"--xeno-ground: {configured['backgroundColor']}; "
        f"--xeno-second-ground: {configured['secondaryBackgroundColor']};"
    )


def html(label: str, files: Mapping[str, str]) -> str:
    """The menu of one or more files, each by its name with the address of all its rows as CSV."""
    (first, csv), *_ = files.items()
    key = f"download-{hashlib.sha256(f'{first} {csv}'.encode()).hexdigest()[:12]}"
    name = label if first == label else f"{label}: {first}"
    links = "".join(_links(name, address, is_headed=len(files) > 1) for name, address in files.items())
    return (
        f'<div class="xeno-download"><button type="button" popovertarget="{key}" aria-label="{escape(name)}">'
        f"{escape(label)}</button>"
        f'<div id="{key}" popover role="group" aria-label="{escape(f"Formats of {first}")}">{links}</div></div>'
    )


def _links(name: str, csv: str, is_headed: bool) -> str:
    links = "".join(
        f'<a href="{escape(csv.replace(".csv?", f".{ending}?", 1))}" target="_blank">{words}<small>{note}</small></a>'
        for ending, words, note in FORMATS
    )
    return f"<p>{escape(name)}</p>{links}" if is_headed else links
