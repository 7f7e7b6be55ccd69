"""The files of the pages about money: Profit and Finance."""

from __future__ import annotations

from core.domain.periods import Grain
from core.exports.files import Export
from core.metrics.money import finance, payments, profit, profit_orders, profit_products, taxes, variant_costs

MONEY = {
    "profit-over-time": Export(
        profit.OVER_TIME,
        """start=time net_sales=amount net_sales_with_cost=amount cost_coverage=share cost_of_goods_sold=amount
        gross_profit=amount shipping=amount shipping_cost=amount payment_fees=amount packaging=amount
        contribution=amount advertising=amount other_costs=amount net_profit=amount total_sales=amount
        currency=currency time_zone=zone""",
        title="Profit over time",
        row="{grain}",
    ),
    "profit-by-product": Export(
        profit_products.earnings_statement,
        """product_id=id title=text units=count net_sales=amount cost_of_goods_sold=amount gross_profit=amount
        gross_margin=share cost_coverage=share currency=currency""",
        profit_products.MOST_EARNED_FIRST,
        title="Profit by product",
        row="product",
        meanings={"units": "units_net"},
    ),
    "profit-by-order": Export(
        profit_orders.order_profits_statement,
        """order_id=id name=text processed_at=time net_sales=amount cost_of_goods_sold=amount gross_profit=amount
        gross_margin=share cost_coverage=share shipping=amount shipping_cost=amount payment_fees=amount
        packaging=amount contribution=amount currency=currency time_zone=zone""",
        profit_orders.NEWEST_FIRST,
        title="Profit by order",
        row="order placed in the period",
        meanings={"net_sales": "net_of_order"},
    ),
    "variants-without-cost": Export(
        variant_costs.UNCOSTED,
        """variant_id=id sku=text product=text variant=text sales=count net_sales=amount currency=currency
        unit_cost=level""",
        title="Variants without a cost",
        row="variant",
    ),
    "taxes": Export(
        taxes.TAXES_BY_NAME,
        "title=text rate=number tax=amount taxable=level currency=currency",
        title="Taxes",
        row="tax and rate",
    ),
    "payments": Export(
        payments.PAYMENTS_BY_GATEWAY,
        """gateway=text payments=count received=amount refunds=count refunded=amount balance=amount fees=amount
        received_with_fees=amount fee_coverage=share currency=currency""",
        title="Payments",
        row="payment provider",
        meanings={"refunded": "paid_back", "fees": "provider_fees"},
    ),
    "finance-months": Export(
        finance.MONTHS,
        """start=time gross_sales=amount discounts=amount returns=amount net_sales=amount shipping=amount taxes=amount
        duties=amount fees=amount total_sales=amount tips=amount gift_cards_sold=amount orders=count
        currency=currency time_zone=zone""",
        grain=Grain.MONTH,
        title="Finance by month",
        row="month",
    ),
}
"""By the file's name."""
