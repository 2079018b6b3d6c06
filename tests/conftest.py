"""What every test may ask for: a database of its own, and the shared data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from geo.postgres import PrivateCluster
from tests import throwaway

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every run, so that it can be repeated; `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("repeatable")

KEEPER = pytest.StashKey[throwaway.Keeper]()


def pytest_configure(config: pytest.Config) -> None:
    """Open the place where tests ask for the cluster, in the process that the user started (not in xdist's workers)."""
    if not hasattr(config, "workerinput"):
        config.stash[KEEPER] = throwaway.Keeper()
        os.environ[throwaway.ADDRESS] = config.stash[KEEPER].address


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster and remove it."""
    if keeper := config.stash.get(KEEPER, None):
        keeper.close()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The service runs on asyncio (uvloop is asyncio's), so the tests do."""
    return "asyncio"


@pytest.fixture(scope="session")
def cluster() -> PrivateCluster:
    """The run's throw-away cluster; started by the first test that asks."""
    return throwaway.ask()


@pytest.fixture
def database_url(cluster: PrivateCluster) -> Iterator[str]:
    """A migrated, empty database for one test alone."""
    with throwaway.database_of_its_own(cluster) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(cluster: PrivateCluster) -> Iterator[str]:
    """A migrated, empty database for the tests of one file, which fill it once and only read."""
    with throwaway.database_of_its_own(cluster) as url:
        yield url


@pytest.fixture(scope="session")
def demo_database_url() -> Iterator[str]:
    """A database that holds the demo city, for tests that only read: loaded once per run, copied once per worker."""
    with throwaway.database_of_its_own(throwaway.ask(throwaway.DEMO_TEMPLATE), throwaway.DEMO_TEMPLATE) as url:
        yield url


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The data that is shared beside the checkout; ONEMAP_SHARED_DATA names another place."""
    directory = Path(os.environ.get("ONEMAP_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not directory.is_dir():
        pytest.skip(f"there is no shared data at {directory}; ONEMAP_SHARED_DATA names it")
    return directory
