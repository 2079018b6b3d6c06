"""The commands of `onemap`, one file each; ``api/cli.py`` registers them."""
