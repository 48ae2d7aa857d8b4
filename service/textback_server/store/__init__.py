"""The correlation store: one protocol, its implementations, and the codec of what they keep."""
