"""Doors for systems that do not speak gRPC: an MCP server for SOARs and agents, an extension for LimaCharlie.

Each is a thin gRPC client: what it knows of textback is the contract.
"""
