"""Reads PostgreSQL's error codes: is the server away, is it busy, or did it give up one statement?"""

from __future__ import annotations

_BUSY = frozenset({"40001", "40P01", "55P03", "57014"})
"""A deadlock, a conflict of two transactions, or a wait that was too long: a retry may work at once."""
_CANCELED = "57014"
_NO_MEMORY = "53200"
_LACKING = "53"
"""The class of missing memory or disk: it passes, or somebody has to repair it."""
_LIMITS = "54"
"""The class of PostgreSQL's own limits, such as the length of an index entry. A retry never helps."""
_LOST = ("57P", "080")


def code_of(error: BaseException) -> str | None:
    """Return the code of the driver's error, wrapped by SQLAlchemy or not; None where the server sent none."""
    code: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return code


def is_busy(error: BaseException) -> bool:
    """Whether a retry may work in a moment."""
    return code_of(error) in _BUSY


def is_lost(error: BaseException) -> bool:
    """Whether the connection failed, not the statement."""
    code = code_of(error)
    return code is None or code.startswith(_LOST)


def is_beyond_limits(error: BaseException) -> bool:
    """Whether the statement exceeds a limit of PostgreSQL, so that a retry never works."""
    return (code_of(error) or "").startswith(_LIMITS)


def is_out_of_room(error: BaseException) -> bool:
    """Whether the server lacks memory or disk right now."""
    return (code_of(error) or "").startswith(_LACKING)


def is_given_up(error: BaseException) -> bool:
    """Whether the server answers but gave up this statement, because it took too long or needed too much.

    Its rows may work in smaller batches, all but the one at fault. A full disk does not count: no row is at fault.
    """
    code = code_of(error) or ""
    return code in (_CANCELED, _NO_MEMORY) or code.startswith(_LIMITS)
