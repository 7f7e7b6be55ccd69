"""The webhooks that a made-up shop sends."""
