"""Our own elements of a page (Streamlit's custom components v2): a folder of scripts and styles for each.

To add one: a folder here with `<name>.js` (its default export draws the component) and perhaps `<name>.css`, and
`Component("<name>")` in the part that mounts it.
"""

from dashboard.components.component import Component, leave_to_run
from dashboard.components.files import FILES

__all__ = ["FILES", "Component", "leave_to_run"]
