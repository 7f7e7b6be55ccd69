"""Answer a merchant's questions: a module per page, a function per question, each a sum over the ledger.

Every function takes a tenant's session and a `Scope`, and every statement names both the tenant and the store.
Amounts are exact `Decimal` in the scope's currency; a ratio over nothing is None, not zero.
No figure includes rows of other currencies: `currencies` counts the orders left out, so that the page can say so.
`formulas` has each formula once, in SQL; `definitions` explains it in words.
"""

from core.metrics.scope import Scope

__all__ = ["Scope"]
