"""Cartography: one symbology compiled to vector tiles, styles, legends and rendered maps."""
