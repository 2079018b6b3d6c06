"""The error table's other half: the engine's exceptions → exit codes. Apart, since commands need nothing of HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from geo import errors

__all__ = ["EXIT_CODES", "exit_code"]

EXIT_CODES: Mapping[type[errors.OnemapError], int] = {
    errors.InputError: 1,
    errors.ImportCancelled: 130,
    errors.ExhibitCancelled: 130,
    errors.NotFound: 1,
    errors.OnemapError: 3,
}
"""0 done; 1 the input was wrong; 2 the words of the command were; 3 not reached; 130 cancelled."""


def exit_code(error: errors.OnemapError) -> int:
    """The exit code of a command that failed with ``error``."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
