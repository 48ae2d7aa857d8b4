"""The HTTP face: what Twilio calls. Checks, hands to the engine, answers. Nothing else listens here."""
