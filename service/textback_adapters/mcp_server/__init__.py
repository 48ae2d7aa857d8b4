"""An MCP server: the three tools of the SecOps SOAR's Twilio integration, and the same abilities for any agent."""
