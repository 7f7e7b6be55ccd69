"""The mails about accounts, in words. Pure.

Names that people gave themselves go into a mail to somebody who may not know them: they are shown so that no mail
program makes a link of them.
"""

from __future__ import annotations

import re

from core.network.mail import Letter

_SIGNATURE = "\n\n-- \nXeno, Shopify analytics\n"


def reset_letter(email: str, link: str) -> Letter:
    """The link for a new password."""
    return Letter(
        email,
        "Choose a new password for Xeno",
        f"Somebody asked for a new password for {email} at Xeno. If that was you, open this link within one hour:\n\n"
        f"{link}\n\n"
        "It works once, and signs you out everywhere else. If it was not you, ignore this mail: nothing has changed."
        f"{_SIGNATURE}",
    )


def registration_letter(email: str, link: str) -> Letter:
    """The link that finishes a registration."""
    return Letter(
        email,
        "Finish creating your Xeno account",
        f"Somebody wants to create an account for {email} at Xeno. If that was you, open this link within a day:\n\n"
        f"{link}\n\n"
        "If it was not you, ignore this mail: there is no account, and none will be made."
        f"{_SIGNATURE}",
    )


def known_address_letter(email: str, home: str) -> Letter:
    """To somebody who has an account, because a registration with their address was tried."""
    return Letter(
        email,
        "You have a Xeno account already",
        f"Somebody tried to create an account for {email} at Xeno. You have one already. If it was you, sign in:\n\n"
        f"{home}\n\n"
        "If you forgot the password, choose “Forgot your password?” there. If it was not you, ignore this mail: "
        f"nothing has changed.{_SIGNATURE}",
    )


def invitation_letter(email: str, link: str, business: str, inviter: str, role: str) -> Letter:
    """The link into a business."""
    business, inviter = _unlinked(business), _unlinked(inviter)
    return Letter(
        email,
        f"{inviter} invites you to {business} on Xeno",
        f"{inviter} invites you to see the Shopify figures of {business} on Xeno, as {role}. "
        f"Open this link within seven days:\n\n{link}\n\n"
        "It works once. If you do not know the sender, ignore this mail."
        f"{_SIGNATURE}",
    )


def _unlinked(name: str) -> str:
    """The name with a gap in what looks like an address: acme.example → acme. example."""
    return re.sub(r"([.:/@])(?=\S)", r"\1 ", name)
