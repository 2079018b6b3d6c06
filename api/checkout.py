"""Where the parts of the checkout lie."""

from __future__ import annotations

from pathlib import Path

__all__ = ["CHECKOUT", "DIST"]

CHECKOUT = Path(__file__).resolve().parent.parent
"""The directory that holds ``layers``, ``geo`` and ``api``."""

DIST = CHECKOUT / "api" / "wall" / "dist"
"""The wall as Vite built it."""
