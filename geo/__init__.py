"""The engine: everything that is computed from places."""
