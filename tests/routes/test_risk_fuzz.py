"""The doors of the risk answer, fuzzed from the service's own OpenAPI document: whatever is asked, never a 500."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wall.driving import serving

DOORS = [
    ("GET", "/risk"),
    ("POST", "/risk"),
    ("POST", "/risk/batch"),
    ("GET", "/risk/batch/{run}"),
    ("GET", "/risk/batch/{run}/file"),
    ("DELETE", "/risk/batch/{run}"),
    ("GET", "/risk/rules"),
    ("GET", "/audits/{audit}"),
    ("GET", "/layers/{layer}"),
    ("GET", "/layers/{layer}/features"),
    ("GET", "/layers/{layer}/features/{source}/{source_id}"),
]
EXAMPLES = 150


@pytest.fixture(scope="module")
def address(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(module_database_url, tmp_path_factory.mktemp("fuzzed")) as served:
        yield served


@pytest.mark.parametrize(("method", "path"), DOORS, ids=[f"{method} {path}" for method, path in DOORS])
def test_no_question_is_answered_with_a_500(address, method, path):
    operation = schemathesis.openapi.from_url(f"{address}/openapi.json")[path][method]
    statuses: set[int] = set()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(data=st.data())
    def ask(data):
        case = data.draw(operation.as_strategy())
        response = case.call()
        statuses.add(response.status_code)
        assert response.status_code < 500, f"{response.status_code}: {response.text[:500]}"

    ask()
    assert statuses, "nothing was asked"
