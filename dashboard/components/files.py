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
    return f"{_hash(path.parent)}/{path.name}"


def _files_by_address() -> dict[str, Path]:
    return {
        f"{SERVED}/{project_name(path.parent.name)}/{address_in_component(path)}": path
        for path in sorted(_HERE.glob("*/*"))
        if path.suffix in SUFFIXES
    }


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


FILES = _files_by_address()
"""The files by their addresses, as of the start of the process: after a change of a file, start the process again."""
