"""The menu of a download: one button, one link for each format, and no text of a person as markup."""

from __future__ import annotations

import re

from dashboard.drawing import download_menu

CSV = "/exports/orders.csv?store=7&search=%3Cb%3E"


def test_a_menu_links_every_format_of_the_same_rows() -> None:
    html = download_menu.html("Download", {"Orders": CSV})
    assert re.findall(r'href="([^"]*)"', html) == [
        f"/exports/orders.{ending}?store=7&amp;search=%3Cb%3E" for ending in ("xlsx", "csv", "zip")
    ]
    assert 'aria-label="Download: Orders"' in html
    assert "<p>" not in html


def test_a_button_opens_its_own_menu_and_no_other() -> None:
    menus = [download_menu.html("Download", {name: CSV}) for name in ("Orders", "Net sales")]
    keys = [re.search(r'popovertarget="([^"]*)"', html) for html in menus]
    assert all(key and f'id="{key[1]}" popover' in html for key, html in zip(keys, menus, strict=True))
    assert len({key[1] for key in keys if key}) == 2


def test_several_files_stand_under_their_names_and_a_name_is_never_markup() -> None:
    html = download_menu.html(
        "Download", {'<img src=x> "a"': CSV, "Order lines": CSV.replace("orders", "order-lines")}
    )
    assert "<img" not in html
    assert "<p>Order lines</p>" in html
    assert html.count("<a ") == 6
