"""The checklist of a business without figures."""

from __future__ import annotations

from tests.cast import Cast
from tests.dashboard.pages import button_labels, open_page, page_text


def test_a_business_without_a_store_gets_one_list_with_one_next_step(cast: Cast) -> None:
    for page in ("overview", "orders", "customers"):
        app = open_page(cast.dana, page)
        text = page_text(app)
        assert not app.exception
        assert "1. Connect a store · next" in text
        assert "2. Xeno reads its orders, customers and products · later" in text
        assert "4. Invite your team · later" in text
        assert text.count("· next") == 1
        assert "Example figures" in text
        assert "Look around in the demo store" not in button_labels(app), "a server has no demo"


def test_during_the_first_load_the_list_moves_on_to_it(cast: Cast) -> None:
    text = page_text(open_page(cast.alice, "overview"))
    assert "1. Connect a store · done" in text
    assert "2. Xeno reads its orders, customers and products · next" in text
    assert "4. Invite your team · done" in text
