"""The bar of filters above a page: store, period, comparison and currency, checked against the viewer's stores.

The widgets keep their values in the URL, so a view can be bookmarked and shared, and stays when the page changes.
Nothing from the URL is trusted: a store of another business is replaced by the viewer's first one, and days that make
no period by the last 30 days.
"""

from dashboard.filters.all_stores import Days, draw_days_bar
from dashboard.filters.bar import Filters, draw_bar, take_over
from dashboard.filters.period import COMPARISONS, CUSTOM, DEFAULT, PRESETS, WIDTH

__all__ = [
    "COMPARISONS",
    "CUSTOM",
    "DEFAULT",
    "PRESETS",
    "WIDTH",
    "Days",
    "Filters",
    "draw_bar",
    "draw_days_bar",
    "take_over",
]
