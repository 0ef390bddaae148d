"""Where sweeps come from: files, tables, roles."""
