"""Users, their sessions, and their roles in a business: who may sign in and what they may do.

`users` checks passwords, `attempts` slows a guesser down, `devices` lets a known browser pass. `sessions` holds the
row behind each cookie. `permissions` says what an actor may do. `invitations`, `resets` and `registrations` make the
links that lead in. Pages, routes and the operator's commands all call these functions.
"""

from core.accounts.acceptance import OpenInvitation, accept_invitation, open_invitation, register_invited
from core.accounts.devices import Client
from core.accounts.invitations import (
    InvitationState,
    InvitationView,
    invitations,
    invite,
    renew_invitation,
    revoke_invitation,
)
from core.accounts.link_mails import mail_link
from core.accounts.links import LinkKind
from core.accounts.memberships import (
    Member,
    TenantView,
    change_role,
    create_tenant,
    members,
    remove_member,
    rename_tenant,
    tenants_of,
)
from core.accounts.permissions import Action, Actor, authorise, may
from core.accounts.preferences import save_theme, theme_of
from core.accounts.registrations import (
    can_register_at_once,
    create_registration_link,
    finish_registration,
    open_registration,
    register_at_once,
    request_registration,
)
from core.accounts.resets import create_reset_link, open_reset, request_reset, reset_member, reset_password
from core.accounts.sessions import (
    SEEN_EVERY,
    BrowserView,
    SessionView,
    browsers_of,
    end_session,
    issue_ticket,
    purge_expired,
    redeem_ticket,
    revoke,
    revoke_all,
    session_of,
    sessions_of,
    switch_tenant,
    touch_session,
    user_of,
)
from core.accounts.users import (
    UserView,
    authenticate,
    begin_sign_in,
    change_password,
    find_user,
    new_device,
    register,
    rename_user,
    user_of_session,
)
from core.accounts.visits import VISIT_GAP, previous_visit, record_visit
from core.database.models import Role, Theme

__all__ = [
    "SEEN_EVERY",
    "VISIT_GAP",
    "Action",
    "Actor",
    "BrowserView",
    "Client",
    "InvitationState",
    "InvitationView",
    "LinkKind",
    "Member",
    "OpenInvitation",
    "Role",
    "SessionView",
    "TenantView",
    "Theme",
    "UserView",
    "accept_invitation",
    "authenticate",
    "authorise",
    "begin_sign_in",
    "browsers_of",
    "can_register_at_once",
    "change_password",
    "change_role",
    "create_registration_link",
    "create_reset_link",
    "create_tenant",
    "end_session",
    "find_user",
    "finish_registration",
    "invitations",
    "invite",
    "issue_ticket",
    "mail_link",
    "may",
    "members",
    "new_device",
    "open_invitation",
    "open_registration",
    "open_reset",
    "previous_visit",
    "purge_expired",
    "record_visit",
    "redeem_ticket",
    "register",
    "register_at_once",
    "register_invited",
    "remove_member",
    "rename_tenant",
    "rename_user",
    "renew_invitation",
    "request_registration",
    "request_reset",
    "reset_member",
    "reset_password",
    "revoke",
    "revoke_all",
    "revoke_invitation",
    "save_theme",
    "session_of",
    "sessions_of",
    "switch_tenant",
    "tenants_of",
    "theme_of",
    "touch_session",
    "user_of",
    "user_of_session",
]
