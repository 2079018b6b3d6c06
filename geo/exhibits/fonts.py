"""Fonts of exhibits: those of every printed map."""

from __future__ import annotations

from geo.cartography.print_fonts import BOLD, FAMILY, REGULAR
from geo.cartography.print_fonts import print_fonts as exhibit_fonts

__all__ = ["BOLD", "FAMILY", "REGULAR", "exhibit_fonts"]
