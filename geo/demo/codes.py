"""Identity codes with their check digits: 统一社会信用代码 (GB 32100-2015) and 组织机构代码 (GB 11714)."""

from __future__ import annotations

__all__ = ["demo_uscc", "organisation_check", "uscc_check"]

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: no I, O, S, V, Z."""
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_check(body: str) -> str:
    """The check character of an eight-character 组织机构代码."""
    values = (int(char) if char.isdigit() else ord(char) - ord("A") + 10 for char in body)
    rest = (11 - sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True))) % 11
    return "X" if rest == 10 else str(rest)


def uscc_check(body: str) -> str:
    """The check character of the first seventeen of a 统一社会信用代码."""
    total = sum(_ALPHABET.index(char) * weight for char, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _ALPHABET[(31 - total % 31) % 31]


def demo_uscc(county_code: str, serial: int) -> str:
    """A valid code that belongs to nobody: registers give none whose organisation code begins with DEM."""
    organisation = f"DEM{serial:05d}"
    body = f"91{county_code}{organisation}{organisation_check(organisation)}"
    return body + uscc_check(body)
