"""What PostgreSQL's codes say of a failure: whether the server is away, was busy, or gave up one statement."""

from __future__ import annotations

_BUSY = frozenset({"40001", "40P01", "55P03", "57014"})
"""Where two stood in each other's way, or one waited too long: the same call may work now."""
_CANCELED = "57014"
_NO_MEMORY = "53200"
_LACKING = "53"
"""The class where there is not enough, of memory or disk: somebody has to mend that, or it passes."""
_LIMITS = "54"
"""The class of what PostgreSQL cannot do at all, such as an index's entry that is too long."""
_LOST = ("57P", "080")


def of(error: BaseException) -> str | None:
    """The code of the driver's error, also where SQLAlchemy has wrapped it; None where the server did not say one."""
    code: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return code


def is_busy(error: BaseException) -> bool:
    """Whether the same call may work in a moment."""
    return of(error) in _BUSY


def is_lost(error: BaseException) -> bool:
    """Whether it is the connection that failed, not the statement."""
    code = of(error)
    return code is None or code.startswith(_LOST)


def is_beyond_limits(error: BaseException) -> bool:
    """Whether the statement asked for what no other time will bring."""
    return (of(error) or "").startswith(_LIMITS)


def lacks_room(error: BaseException) -> bool:
    """Whether the server has not enough of something right now."""
    return (of(error) or "").startswith(_LACKING)


def gave_up(error: BaseException) -> bool:
    """Whether the server is there, and gave up this statement: it took too long, or asked for too much. What is asked
    for in smaller parts may work, all but the part that is at fault; a full disk is the fault of none."""
    code = of(error) or ""
    return code in (_CANCELED, _NO_MEMORY) or code.startswith(_LIMITS)
