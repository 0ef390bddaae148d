"""The MCP server: the same engine for editors and assistants. `sdk` alone knows the MCP SDK; `worker` alone, data."""
