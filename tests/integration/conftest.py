"""Places for clusters that a test sets up, breaks and throws away itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo.postgres import PrivateCluster


@pytest.fixture
def cluster_home() -> Iterator[Path]:
    """A short directory that the cluster's user can reach; whatever runs there at the end is stopped."""
    parent = Path(tempfile.mkdtemp(prefix="onemap-own-", dir="/tmp"))
    parent.chmod(0o755)
    home = parent / ".onemap"
    yield home
    PrivateCluster(home).stop()
    shutil.rmtree(parent)
