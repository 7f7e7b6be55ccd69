"""The webhooks of a made-up shop: bodies by topic, signing and sending."""
