"""The doors: HTTP, the command line and the wall."""
