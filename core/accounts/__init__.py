"""Who may come in and what they may do here: users, their sessions, and their roles in a business.

`users` knows passwords, `attempts` makes a guesser wait, `sessions` is what stands behind the cookie, `memberships`
says what an actor may do. Every door (pages, routes, the operator's commands) comes through these functions.
"""

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
    SessionView,
    issue_ticket,
    purge_expired,
    redeem_ticket,
    revoke,
    revoke_all,
    session_of,
    switch_tenant,
    user_of,
)
from core.accounts.users import UserView, authenticate, change_password, find_user, register, rename_user

__all__ = [
    "Action",
    "Actor",
    "Member",
    "Role",
    "SessionView",
    "TenantView",
    "UserView",
    "add_member",
    "authenticate",
    "authorise",
    "change_password",
    "change_role",
    "create_tenant",
    "find_user",
    "issue_ticket",
    "may",
    "members",
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
    "user_of",
]
