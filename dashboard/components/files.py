"""The scripts and styles of our components, and the addresses at which the browser finds them.

Our Content-Security-Policy accepts scripts only as files of this server. Streamlit would import an inline script from
a `blob:` address, which the policy refuses.

Streamlit finds files of installed packages by a manifest. It finds none for an editable installation of a project
without a package of its name, such as ours. So we register the components with the paths of their files, and
`dashboard.web.assets` serves the files.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

SERVED = "/_stcore/bidi-components"
"""Streamlit's page requests the files of components below this address."""
SUFFIXES = frozenset({".js", ".css"})

_HERE = Path(__file__).parent
_SHARED = "shared"
"""The folder of scripts and styles of all components. Each script is served beside those of every component, so that
`./dom.js` finds it. The styles begin every style sheet, so that they take no request of their own. The hash of a
component's address covers both."""
_SHARED_STYLES = _HERE / _SHARED / "shared.css"
_DRAWN_BY = {"cards": ("bars", "chart", "heat", "map", "table", "tile"), "map": ("bars",)}
"""By folder: the components that it draws within itself. Their files are served beside its own, so no two of them
have the same name."""


def project_name(folder: str) -> str:
    """The name under which Streamlit knows the component of this folder."""
    return f"xeno.{folder}"


def file_of(folder: str, suffix: str) -> Path | None:
    """The component's script or style sheet; None if it has no such file."""
    path = _HERE / folder / f"{folder}{suffix}"
    return path if path.is_file() else None


def address_in_component(path: Path) -> str:
    """The end of the file's address, below its component.

    It has a hash of all files of the component. So browsers keep them for good, and get each new version.
    """
    return f"{_hash(path.parent.name)}/{path.name}"


def _files_by_address() -> dict[str, tuple[Path, ...]]:
    folders = {path.parent.name for path in _HERE.glob("*/*") if path.suffix in SUFFIXES} - {_SHARED}
    return {
        f"{SERVED}/{project_name(folder)}/{_hash(folder)}/{path.name}": _parts(path)
        for folder in sorted(folders)
        for path in _files(folder)
        if path != _SHARED_STYLES
    }


def _parts(path: Path) -> tuple[Path, ...]:
    return (_SHARED_STYLES, path) if path.suffix == ".css" else (path,)


def _files(folder: str) -> list[Path]:
    """The component's files, those that it shares with others, and those of the components that it draws."""
    return [
        path
        for name in (folder, *_DRAWN_BY.get(folder, ()), _SHARED)
        for path in sorted((_HERE / name).iterdir())
        if path.suffix in SUFFIXES
    ]


def _hash(folder: str) -> str:
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


FILES = _files_by_address()
"""By address: the files whose contents are served there, one after the other. As of the start of the process: after a
change of a file, start the process again."""
