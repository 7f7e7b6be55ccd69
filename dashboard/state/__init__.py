"""Who is looking, and what a tab remembers. The only room that names keys of `st.session_state`."""

from dashboard.state.viewer import (
    Viewer,
    is_current,
    mark_automatic_run,
    record_activity,
    record_visit,
    require_viewer,
)

__all__ = ["Viewer", "is_current", "mark_automatic_run", "record_activity", "record_visit", "require_viewer"]
