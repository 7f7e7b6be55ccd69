"""A user's preferences, for the pages in every browser."""

from __future__ import annotations

from sqlalchemy import select, update

from core.database import system_session
from core.database.models import Theme, User


def theme_of(user_id: int) -> Theme:
    """Return the user's appearance of the pages; the system's for an unknown user."""
    with system_session() as session:
        return session.scalar(select(User.theme).where(User.user_id == user_id)) or Theme.SYSTEM


def save_theme(user_id: int, theme: Theme) -> None:
    """Save the appearance that the user chose."""
    with system_session() as session:
        session.execute(update(User).where(User.user_id == user_id).values(theme=theme))
