"""Who may come in and what they may do here: users, their sessions, and their roles in a business.

`users` knows passwords, `attempts` slows a guesser down, `devices` lets a known browser pass, `sessions` is what
stands behind the cookie, `memberships` says what an actor may do. Every door (pages, routes, the operator's commands)
comes through these functions.
"""

from core.accounts.devices import Client
from core.accounts.memberships import (
    Action,
    Actor,
    Member,
    Role,
    TenantView,
    add_member,
    authorise,
    change_role,
    create_tenant,
    may,
    members,
    remove_member,
    rename_tenant,
    tenants_of,
)
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
    switch_tenant,
    touch_session,
    user_of,
)
from core.accounts.users import (
    UserView,
    authenticate,
    change_password,
    find_user,
    new_device,
    register,
    rename_user,
)

__all__ = [
    "SEEN_EVERY",
    "Action",
    "Actor",
    "BrowserView",
    "Client",
    "Member",
    "Role",
    "SessionView",
    "TenantView",
    "UserView",
    "add_member",
    "authenticate",
    "authorise",
    "browsers_of",
    "change_password",
    "change_role",
    "create_tenant",
    "end_session",
    "find_user",
    "issue_ticket",
    "may",
    "members",
    "new_device",
    "purge_expired",
    "redeem_ticket",
    "register",
    "remove_member",
    "rename_tenant",
    "rename_user",
    "revoke",
    "revoke_all",
    "session_of",
    "switch_tenant",
    "tenants_of",
    "touch_session",
    "user_of",
]
