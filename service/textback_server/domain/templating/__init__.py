"""Texts from templates in Go's notation and JSON data: fields, indexes, pipelines and a few functions.

There are no conditionals, loops, variables or named templates. Nothing but the data can be reached, and the work is
bounded. Why so little, and why our own: docs/decisions/0010-templates.md.
"""

from textback_server.domain.templating.data import parse_data
from textback_server.domain.templating.errors import TemplateError
from textback_server.domain.templating.rendering import render

__all__ = ["TemplateError", "parse_data", "render"]
