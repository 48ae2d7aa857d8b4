"""The server's settings: read from the environment, refused at start where they are wrong."""

from textback_server.config.loader import ConfigError, Loaded, Settings, load
from textback_server.config.shapes import Address
from textback_server.config.table import SETTINGS, Setting, settings_page
from textback_server.config.texts import Row

__all__ = ["SETTINGS", "Address", "ConfigError", "Loaded", "Row", "Setting", "Settings", "load", "settings_page"]
