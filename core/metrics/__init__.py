"""The answers to a merchant's questions: a module per page, a function per question, each a sum over the ledger.

Every function takes a tenant's session and a `Scope`, and every statement names both the tenant and the store.
Amounts are exact `Decimal` in the scope's currency; what has no value (a ratio over nothing) is None, not zero.
Rows of other currencies are in no figure: `currencies` counts what is left out, for the page to say so.
The formulas stand once, in `formulas`; what they mean, in words, in `definitions`.
"""

from core.metrics.scope import Scope

__all__ = ["Scope"]
