"""Every topic that a store subscribes to, or that the law demands, has words of its own."""

from __future__ import annotations

from core.shopify.webhooks import COMPLIANCE, TOPICS
from dashboard.drawing.topic_words import topic_text


def test_every_topic_has_words_and_no_two_have_the_same() -> None:
    words = [topic_text(topic) for topic in (*TOPICS, *COMPLIANCE)]
    assert not any("/" in text or "_" in text for text in words)
    assert len(words) == len(set(words))


def test_an_unknown_topic_is_its_own_name() -> None:
    assert topic_text("themes/publish") == "themes/publish"
