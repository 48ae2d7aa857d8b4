"""textback: ask a person by text message, and get the answer back."""

__version__ = "0.1.0"
