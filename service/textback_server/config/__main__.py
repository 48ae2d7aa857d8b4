"""Prints docs/settings.md."""

import sys

from textback_server.config import settings_page

sys.stdout.write(settings_page())
