"""What the commands do: one module per command that needs the engine, loaded when it is performed, not for its help."""
