"""Define the columns of files that are no metrics, and those that mean something else in one file.

Columns with the name of a metric have the definition of `core.metrics.definitions`.
"""

from __future__ import annotations

from types import MappingProxyType

from core.exports.files import Column, Export
from core.exports.money_definitions import MONEY
from core.metrics.definition import Definition, Unit
from core.metrics.definitions import DEFINITIONS
from core.metrics.explore.question import Dimension

_DEFINED = (Dimension.COUNTRY, Dimension.CHANNEL, Dimension.SOURCE, Dimension.CAMPAIGN)
_DIMENSIONS = [name for name in Dimension if name not in _DEFINED]


def _word(dimension: Dimension) -> str:
    return dimension.replace("_", " ")


_NAMES = {
    "order_id": ("Order id", "Shopify's id of the order."),
    "name": ("Order", "The order's name in Shopify, such as #1001."),
    "order_name": ("Order", "The name of the order that it is about."),
    "customer": ("Customer", "The customer's name, else the email address; empty where Shopify withholds both."),
    "customer_key": ("Customer key", "Who ordered: c: a customer's id, e: an email address, o: a single order."),
    "email": ("Email", "The customer's email address; empty where Shopify withholds it."),
    "country": ("Country", "The country of the shipping address, else of the billing address."),
    "product_id": ("Product id", "Shopify's id of the product; empty for what is in no catalogue."),
    "variant_id": ("Variant id", "Shopify's id of the variant."),
    "title": ("Title", "The title of the product as it is now, else as it was sold."),
    "product": ("Product", "The title of the product."),
    "product_most": ("Product", "The title of the product that came back most for this reason."),
    "variant": ("Variant", "The title of the variant; empty where the product has only one."),
    "sku": ("SKU", "The stock keeping unit of the variant."),
    "vendor": ("Vendor", "The vendor of the product."),
    "product_type": ("Type", "The type of the product."),
    "abc": ("ABC", "A: the products with the first 80% of sales of the last 28 days; B: the next 15%; C: the rest."),
    "stock": ("Stock", "Units that can be sold now; negative where more was sold than was there."),
    "unit_cost": ("Unit cost", "The present cost of one unit; empty where it is unknown."),
    "value": ("Stock value", "Units in stock times their present unit cost; empty where the cost is unknown."),
    "start": ("Begins", "The beginning of the day, week or month, in the store's time."),
    "day": ("Day", "The day in the store's time."),
    "weekday": ("Weekday", "1 is Monday, 7 is Sunday."),
    "hour": ("Hour", "The hour of the store's clock, from 0 to 23."),
    "currency": ("Currency", "The currency of the amounts in the row."),
    "time_zone": ("Time zone", "The store's time zone, in which all times of the file are."),
    "processed_at": ("Placed", "When the order was placed, in the store's time."),
    "placed_at": ("Placed", "When the order was placed, in the store's time."),
    "cancelled_at": ("Cancelled", "When the order was cancelled; empty if it was not."),
    "financial_status": ("Payment", "Shopify's status of the payment."),
    "fulfillment_status": ("Fulfillment", "Shopify's status of the fulfillment; empty if nothing was sent."),
    "discount_codes": ("Discount codes", "The codes that the customer entered, separated by commas."),
    "tags": ("Tags", "The order's tags in Shopify, separated by commas."),
    "items": ("Items", "The titles and units of the goods."),
    "returned_at": ("Returned", "When goods or money last went back, in the store's time."),
    "reason": ("Reason", "The reason as it was given."),
    "is_new": ("New", "Whether the customer's first order of all is in the period."),
    "is_first": ("First order", "Whether it was the first order of its customer."),
    "first_order_at": ("First order", "When the customer first ordered, in the store's time."),
    "last_order_at": ("Last order", "When the customer last ordered, in the store's time."),
    "segment": ("Segment", "The segment by the published grid of recency, frequency and spend."),
    "shopify_group": ("Shopify's segment", "Shopify's own segment of the customer; empty where it has none."),
    "shopify_tier": ("Spend expected", "What Shopify expects the customer to spend within a year, in words."),
    "state": ("State", "The state as on the page."),
    "key": ("Key", "The value that the term is about; empty for no value."),
    "kind": ("Kind", "A code, an automatic discount, or one given by hand."),
    "business_date": ("Day", "The store's day that the amount is of."),
    "late_kind": ("What happened", "Why the amount changed since the time of the comparison."),
    "line_type": ("Line", "The kind of line: product, shipping, duty, fee or adjustment."),
    "changed_at": ("Known since", "When the amount last changed, in the store's time."),
    "label": ("Discount", "The code, else the title of the discount."),
    "gateway": ("Gateway", "The payment provider, as Shopify names it."),
    "location_id": ("Location id", "Shopify's id of the location."),
    "location": ("Location", "The name of the location."),
    "other_id": ("Other product id", "Shopify's id of the other product."),
    "other": ("Other product", "The title of the other product."),
    "next_names": ("Bought next", "The products that most of them bought with their next order."),
    "cohort": ("Cohort", "The first day of the period in which these customers first ordered."),
    "period": ("Period", "The first day of the period of the row."),
    "is_complete": ("Complete", "Whether the period of the row has ended."),
    "checkout_id": ("Checkout id", "Shopify's id of the checkout."),
    "started_at": ("Started", "When the checkout began, in the store's time."),
    "ended_at": ("Completed", "When the checkout became an order; empty if it did not."),
    "delivery_id": ("Webhook", "Xeno's number of the webhook."),
    "topic": ("Topic", "Shopify's topic of the webhook."),
    "record_id": ("Record", "The record that the webhook is about: its kind, and Shopify's id."),
    "received_at": ("Received", "When the webhook arrived, in the store's time."),
    "triggered_at": ("Triggered", "When Shopify sent it first, in the store's time."),
    "applied_at": ("Applied", "When its changes were stored, in the store's time."),
    "retry_at": ("Next attempt", "When it is tried next; empty if it is not."),
    "refusal": ("Not applied", "Why these webhooks were not applied."),
    "checked_at": ("Checked", "When the day was last compared with Shopify, in the store's time."),
    "repaired_at": ("Repaired", "When its orders were read again; empty if they were not."),
    "checked_orders": ("Orders that differ", "The names of the orders that were missing or different."),
    "requested_at": ("Requested", "When the sync was requested, in the store's time."),
    "began_at": ("Began", "When the sync began, in the store's time; empty if it has not."),
    "finished_at": ("Ended", "When the sync ended, in the store's time; empty if it has not."),
    "state_of_sync": ("Outcome", "Whether the sync is queued or running, succeeded, failed or was canceled."),
    "reason_of_sync": ("Remark", "Why the sync failed or waits; empty if it did not."),
    "import_requested_at": ("Requested", "When the import was requested, in the store's time."),
    "import_began_at": ("Began", "When the import began, in the store's time; empty if it has not."),
    "import_finished_at": ("Ended", "When the import ended, in the store's time; empty if it has not."),
    "state_of_import": ("Outcome", "Whether the import is queued or running, succeeded, failed or was canceled."),
    "reason_of_import": ("Remark", "Why the import failed; empty if it did not."),
    "files": ("Files", "The names of the uploaded files."),
    "trigger": ("Started", "What started the sync: connecting, a button, the schedule or a command."),
    "happened_at": ("When", "When it happened, in the store's time."),
    "kind_of_event": ("What", "What happened: an order, an edit, a return, a refund or a cancellation."),
    "action": ("Change", "What the change did: it ordered, added, removed or returned goods."),
    "reason_of_sale": ("Reason", "What caused the change: an order, an edit, a refund or a return."),
    "refunded_at": ("Refunded", "When the money was paid back, in the store's time."),
    "note": ("Note", "The reason as written on the refund in Shopify."),
    "note_of_return": ("Note", "What the customer wrote about the return."),
    "return_requested_at": ("Requested", "When the customer asked to return it, in the store's time."),
    "status": ("State", "Shopify's status of the return."),
    "is_tip": ("Tip", "Whether the item is a tip."),
    "is_gift_card": ("Gift card", "Whether the item is a gift card."),
    "into": ("In", "The currency that the rate converts into."),
    "currency_of_rate": ("Of", "The currency that the rate converts."),
    "fixed_rate": ("Rate", "What one unit of the currency is in the other, on days without an uploaded rate."),
    "entered_at": ("Entered", "When it was entered, in the store's time."),
    "entered_by": ("Entered by", "The member who entered it; empty if the account was deleted."),
    "replaced_at": ("Replaced", "When it was changed or removed; empty while it counts."),
    "replaced_by": ("Replaced by", "The member who changed or removed it; empty if the account was deleted."),
    "kind_of_cost": ("Kind", "payment_fees, shipping, packaging, advertising or other."),
    "name_of_cost": ("Name", "The channel of advertising, or what another cost is for."),
    "basis": ("Counted", "Whether the amount is of each order, day or month."),
    "percent": ("Percent", "The part of the totals of paid orders, in percent; only payment fees have it."),
    "valid_from": ("First day", "The first day on which the cost counts; empty from the first order on."),
    "valid_to": ("Last day", "The last day on which the cost counts; empty without an end."),
    "request_received_at": ("Received", "When Shopify's request arrived, in the store's time."),
    "topic_of_request": ("Request", "Shopify's topic: a customer's data, or the deletion of a customer or a store."),
    "customer_id": ("Customer id", "Shopify's id of the customer; empty for a store."),
    "outcome": ("Outcome", "What Xeno did."),
    "done_at": ("Done", "When it was done; empty while stored webhooks are being erased."),
    "shop_domain": ("Store", "The store's domain at Shopify."),
    "month_of_store": ("Month", "The first day of the month in the store's time."),
    "figure": ("Figure", "What the target is of: net_sales or orders."),
    "set_at": ("Set", "When the target was set or removed, in the store's time."),
    "set_by": ("Set by", "The member who set it; empty if the account was deleted."),
    "is_removed": ("Removed", "Whether the change removed the target."),
    "term": ("Term", "The part of the change that the row is about."),
    "value_of_country": ("Country", "The country of the order; empty where it is unknown."),
    "value_of_source": ("Source", "Where the last visitor before the order came from; empty where it is unknown."),
    "value_of_campaign": ("Campaign", "The campaign of the last visit before the order; empty without one."),
    "value_of_channel": ("Channel", "The sales channel of the order, as Shopify names it."),
    **{
        f"value_of_{name}": (f"{_word(name).title()} key", f"The {_word(name)} as it is stored.")
        for name in _DIMENSIONS
    },
    **{f"value_of_{name}_title": (_word(name).title(), f"The {_word(name)} in words.") for name in Dimension},
    "title_of_line": ("Title", "The title of the goods as they were sold; empty for other lines."),
    "rate": ("Rate", "The rate of the tax: 0.19 is 19%."),
    "store_name": ("Store", "The name of the store."),
    "rate_of_day": ("Exchange rate", "What one unit of the currency was in the other on the day; empty without one."),
    "begins": ("Begins", "The first day of the day, week or month, on the store's calendar."),
    "converted_into": ("Converted into", "The currency of the converted amounts."),
}
_COUNTS = {
    "target_share": ("Share of the target", "The part of the month's target that the day should bring."),
    "target_orders": ("Target of orders", "The target of the month; empty where it is of net sales."),
    "reached": ("Reached", "The result of the month as a share of its target; empty for a month to come."),
    "imported": ("Orders", "Orders of the files that were read, those that Shopify had sent before among them."),
    "known": ("Known", "Orders that Shopify itself had sent before; they are unchanged."),
    "uneven": (
        "Not adding up",
        "Orders whose lines, shipping, taxes and duties do not make their total in the file.",
    ),
    "skipped": ("Skipped", "Orders in a currency that the import does not take; in none of the other counts."),
    "records": ("Records", "Records that the sync read: orders, products, customers and others."),
    "sync_orders": ("Orders", "The orders among the records; empty before the first."),
    "quantity": ("Quantity", "Units as ordered."),
    "quantity_now": ("Now", "Units after edits and returns; empty where Shopify did not send them."),
    "quantity_of_sale": ("Units", "Units of the change; negative where goods were removed or came back."),
    "quantity_of_return": ("Units", "Units that the customer asked to return."),
    "units_of_refund": ("Units returned", "Units that came back with the refund."),
    "units": ("Units", "Units of all lines."),
    "units_requested": ("Units", "Units that customers asked to return in the period, refunded or not."),
    "units_sold_of_line": ("Units sold", "Units ordered and added later, before returns."),
    "units_returned_of_line": ("Units returned", "Units that came back to date."),
    "units_net": ("Net units", "Units sold in the period less those that came back."),
    "units_ordered": ("Items", "Units of the order as first placed."),
    "units_there": ("Stock", "Units that can be sold at the location now."),
    "on_hand": ("On hand", "Units that are at the location now, those for open orders among them."),
    "days_in_stock": ("Days in stock", "Of the last 28 whole days, those that did not begin without stock."),
    "units_lately": ("Units of 28 days", "Units sold in the last 28 whole days."),
    "days_left": (
        "Days left",
        "How long the stock lasts at the rate of the days in stock of the last 28 whole days.",
    ),
    "to_order": ("To order", "Units to order now, by the days to deliver and to cover that were chosen."),
    "orders_to_date": ("Orders to date", "The customer's orders by the end of the period."),
    "orders_of_segment": ("Orders", "Orders to date of these customers."),
    "compared_start": ("Compared with", "The beginning of the point of the compared period beside it."),
    "compared_orders": ("Orders before", "Orders at the same point of the compared period."),
    "size": ("Customers of the cohort", "All customers whose first order is in the period of the cohort."),
    "number": ("Period number", "0 is the period of the first order, 1 the one after it."),
    "days_of_value": ("Days", "Days since the first order, its own day included."),
    "customers_of_value": (
        "Customers",
        "Customers of the last two years whose first order was at least so many days ago.",
    ),
    "customers_of_cohort": ("Customers who ordered", "Customers of the cohort with an order in the period."),
    "second_customers": ("Customers with a second order", "Customers who ordered again in the first period."),
    "customers_of_segment": ("Customers", "Customers in the segment at the last nightly count."),
    "first_customers": ("Customers", "Customers whose first order had the product."),
    "first_repeat": ("Came back", "Those of them who ordered again in time."),
    "together": ("Orders together", "Orders with both products; an order counts for each of its pairs."),
    "share": ("Share", "Of the orders with the first product, those that also had the other."),
    "other_share": ("Share of the other", "Of the orders with the other product, those that also had the first."),
    "lift": ("Lift", "How many times more often than by chance both are in one order."),
    "recency": ("R", "The score of the last order's day: 5 is the latest fifth of the customers."),
    "frequency": ("F", "The score of the number of orders: 5 is the highest fifth."),
    "monetary": ("M", "The score of net sales to date: 5 is the highest fifth."),
    "orders_new": ("First orders", "Those of the orders that were their customer's first."),
    "orders_settled": ("Orders older than 90 days", "Those of the orders that are at least 90 days old."),
    "orders_repeated": ("Followed within 90 days", "Those of the settled orders that another one followed in time."),
    "sales": ("Sales", "Rows of sales in the period without a unit cost."),
    "payments": ("Payments", "Successful payments of the period."),
    "checkouts_young": ("Too young", "Checkouts that are younger than the store's delay."),
    "attempts": ("Attempts", "How often it was tried."),
    "bytes": ("Size", "The size of the webhook in bytes."),
    "deliveries": ("Webhooks", "Webhooks that arrived on the day."),
    "ours": ("Orders in Xeno", "Orders of the day in Xeno."),
    "theirs": ("Orders at Shopify", "Orders of the day at Shopify."),
}

COLUMNS = MappingProxyType(
    {name: Definition(*words) for name, words in MONEY.items()}
    | {name: Definition(*words, Unit.COUNT) for name, words in (_NAMES | _COUNTS).items()}
)
"""By the column's name, or by the name in `Export.meanings`."""


def definition(export: Export, column: Column) -> Definition:
    """What the column means in this file.

    Raises:
        KeyError: it has no definition.
    """
    name = export.meanings.get(column.name, column.name)
    return COLUMNS.get(name) or DEFINITIONS[name]
