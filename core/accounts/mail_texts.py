"""Write the mails about accounts. Pure.

A mail may go to a person who does not know its sender, and includes names that others chose: `_unlinked` keeps mail
programs from making links of them.
"""

from __future__ import annotations

import re

from core.network.mail import Letter


def reset_letter(email: str, link: str) -> Letter:
    """Write the mail with a link for a new password."""
    return _letter(
        email,
        "Choose a new password for Xeno",
        f"Someone asked to reset the password of {email} at Xeno. If that was you, open this link within one hour:",
        link,
        "It works once, and signs you out everywhere else. If it was not you, ignore this email: nothing changed.",
    )


def registration_letter(email: str, link: str) -> Letter:
    """Write the mail with a link that finishes a registration."""
    return _letter(
        email,
        "Finish creating your Xeno account",
        f"Someone asked to create an account for {email} at Xeno. If that was you, open this link within a day:",
        link,
        "If it was not you, ignore this email: no account was created.",
    )


def known_address_letter(email: str, home: str) -> Letter:
    """Write to the owner of an account, with whose address a stranger tried to register."""
    return _letter(
        email,
        "You already have a Xeno account",
        f"Someone tried to create an account for {email} at Xeno. You already have one. If it was you, sign in:",
        home,
        "If you forgot the password, choose “Forgot your password?” there. If it was not you, ignore this email: "
        "nothing changed.",
    )


def invitation_letter(email: str, link: str, business: str, inviter: str, role: str) -> Letter:
    """Write the mail with a link into a business."""
    business, inviter = _break_addresses(business), _break_addresses(inviter)
    return _letter(
        email,
        f"{inviter} invites you to {business} on Xeno",
        f"{inviter} invites you to see the Shopify figures of {business} on Xeno, as {role}. "
        "Open this link within seven days:",
        link,
        "It works once. If you do not know the sender, ignore this email.",
    )


def _letter(email: str, subject: str, reason: str, link: str, advice: str) -> Letter:
    """Set the frame of every letter: why it came, the link by itself on a line, what to do, and who sends it."""
    return Letter(email, subject, f"{reason}\n\n{link}\n\n{advice}\n\n-- \nXeno, Shopify analytics\n")


def _break_addresses(name: str) -> str:
    """Put a gap into addresses (acme. example), so that no mail program links a name that a stranger chose."""
    return re.sub(r"([.:/@])(?=\S)", r"\1 ", name)
