"""A fingerprint of the code and the settings: when it changes, ``onemap up`` restarts the service."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from api.checkout import CHECKOUT

__all__ = ["fingerprint"]

SKIPPED = frozenset({"__pycache__", "node_modules", "src", "tests"})


def _files(checkout: Path) -> Iterator[Path]:
    """What the service is made of, in a stable order: the three floors with the built wall, and the lock."""
    for floor in ("api", "geo", "layers"):
        for directory, below, names in os.walk(checkout / floor):
            below[:] = sorted(set(below) - SKIPPED)
            yield from (Path(directory) / name for name in sorted(names))
    if (lock := checkout / "requirements.lock").exists():
        yield lock


def fingerprint(dsn: str, checkout: Path = CHECKOUT, environment: Mapping[str, str] = os.environ) -> str:
    """SHA-256 of the code, Python's version, the database's address and every ONEMAP_ setting; tells none of them."""
    digest = hashlib.sha256(f"{sys.version}\0{dsn}\0".encode())
    for name in sorted(environment):
        if name.startswith("ONEMAP_"):
            digest.update(f"{name}={environment[name]}\0".encode(errors="surrogateescape"))
    for path in _files(checkout):
        digest.update(f"{path.relative_to(checkout)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
