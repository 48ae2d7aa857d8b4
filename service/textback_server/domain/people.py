"""What is kept about a person beside their messages: who they want no messages from, and how often we wrote back."""

from datetime import timedelta

BLOCK = timedelta(hours=24)
"""How long an opt-out that we saw stands: it is a cache of Twilio's own list, which nobody can read."""
NOTICE_WINDOW = timedelta(hours=1)
"""How long notices to a person are counted together, from the first of them."""
