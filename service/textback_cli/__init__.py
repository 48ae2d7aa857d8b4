"""The `textback` command."""
