"""Dockerfile and docker-compose.yml: each path, variable, port, user and address that they name exists in the project.

No Docker engine is needed, and none is used: that an image builds and runs is not shown here.
"""

from __future__ import annotations

import fnmatch
import inspect
import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from api.checkout import DIST
from api.commands.service import serve
from api.main import create_app
from api.settings import Settings
from tests.conftest import ROOT

STAGE = re.compile(r"FROM (?P<image>\S+)(?: AS (?P<name>\S+))?")
TOKEN = re.compile(r"\$\{(?P<name>\w+)(?P<default>:-[^}]*)?\}")

NAME = {"type": "string", "pattern": "^[a-zA-Z0-9._-]+$"}
SERVICE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["image"]}, {"required": ["build"]}],
    "properties": {
        "image": {"type": "string", "pattern": r"^[a-z0-9./-]+:[\w.-]+$"},
        "build": {"type": "string"},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "ports": {"type": "array", "items": {"type": "string"}},
        "volumes": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+:/"}},
        "tmpfs": {"type": "array", "items": {"type": "string", "pattern": "^/"}},
        "shm_size": {"type": "string", "pattern": "^[0-9]+mb$"},
        "read_only": {"type": "boolean"},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "security_opt": {"type": "array", "items": {"type": "string"}},
        "cap_drop": {"type": "array", "items": {"type": "string"}},
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["condition"],
                "properties": {
                    "condition": {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}
                },
            },
        },
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "required": ["test"],
            "properties": {
                "test": {"type": "array", "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}], "minItems": 2},
                "interval": {"type": "string", "pattern": "^[0-9]+s$"},
                "timeout": {"type": "string", "pattern": "^[0-9]+s$"},
                "start_period": {"type": "string", "pattern": "^[0-9]+s$"},
                "retries": {"type": "integer", "minimum": 1},
            },
        },
    },
}
COMPOSE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["services"],
    "properties": {
        "services": {"type": "object", "propertyNames": NAME, "additionalProperties": SERVICE},
        "volumes": {"type": "object", "propertyNames": NAME},
    },
}
"""The part of the Compose Specification that the file uses; a word outside it fails."""


def instructions() -> list[tuple[str, str, int]]:
    """The Dockerfile's instructions, continuation lines joined: word, arguments, number of the stage."""
    text = "\n".join(
        line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")
    )
    found, stage = [], -1
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if line.strip():
            word, _, arguments = line.strip().partition(" ")
            stage += word == "FROM"
            found.append((word, arguments, stage))
    return found


def arguments_of(word: str, *, last_stage: bool = True) -> list[str]:
    """What each instruction of that word says, in the image that runs or in all stages."""
    last = max(stage for _, _, stage in instructions())
    return [rest for each, rest, stage in instructions() if each == word and (stage == last or not last_stage)]


def variables() -> dict[str, str]:
    """ENV of the image that runs."""
    return dict(pair.split("=", 1) for line in arguments_of("ENV") for pair in shlex.split(line))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """docker-compose.yml, read and valid."""
    content = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    jsonschema.validate(content, COMPOSE)
    return dict(content)


@pytest.fixture(scope="module")
def routes() -> set[str]:
    """Every address of the service."""
    app = create_app(Settings(database_url=SecretStr("postgresql://localhost/unused")))
    return {context.path for context in iter_route_contexts(app.routes) if context.path}


def sent_to_the_engine(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last pattern that matches it decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!").removeprefix("**/")
            parts = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
            if any(fnmatch.fnmatch(part, pattern) for part in parts):
                sent = line.startswith("!")
    return sent


def test_every_copied_path_exists_and_is_sent_to_the_engine() -> None:
    sources = []
    for line in arguments_of("COPY", last_stage=False):
        words = shlex.split(line)
        if not words[0].startswith("--from="):
            sources += words[:-1]
    assert {"layers/", "geo/", "api/", "pyproject.toml", "requirements.lock", "set-up.lock"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert sent_to_the_engine(source.rstrip("/")), source


def test_nothing_of_a_developers_checkout_is_sent_to_the_engine() -> None:
    for path in (".git/config", ".venv/bin/python", ".onemap/data", "tests/conftest.py", "api/wall/node_modules/vue"):
        assert not sent_to_the_engine(path), path


def test_stages_are_copied_from_under_their_names() -> None:
    names = {match["name"] for line in arguments_of("FROM", last_stage=False) if (match := STAGE.match(f"FROM {line}"))}
    copied = [shlex.split(line) for line in arguments_of("COPY") if line.startswith("--from=")]
    assert {words[0].removeprefix("--from=") for words in copied} == {"wall", "dependencies"} == names - {None}


def test_the_wall_is_built_by_its_script_and_lands_where_it_is_served_from() -> None:
    package = json.loads((ROOT / "api/wall/package.json").read_text())
    runs = " ".join(arguments_of("RUN", last_stage=False))
    assert "npm ci" in runs
    assert (ROOT / "api/wall/package-lock.json").exists()
    assert set(re.findall(r"npm run (\w+)", runs)) <= set(package["scripts"])
    (wall,) = [shlex.split(line) for line in arguments_of("COPY") if line.startswith("--from=wall")]
    assert wall[2] == f"/opt/onemap/{DIST.relative_to(ROOT)}"
    assert wall[1].endswith("/dist")


def test_the_image_has_the_python_that_the_project_asks_for() -> None:
    images = [line.split()[0] for line in arguments_of("FROM", last_stage=False) if line.startswith("python:")]
    assert len(set(images)) == 1  # the environment is copied from one to the other
    version = re.match(r"python:3\.(\d+)-", images[0])
    assert version is not None
    assert int(version[1]) >= 11


def test_the_locks_hold_what_the_dockerfile_takes_from_them() -> None:
    assert re.search(r"^uv==", (ROOT / "set-up.lock").read_text(), re.MULTILINE)
    assert "--require-hashes" in " ".join(arguments_of("RUN", last_stage=False))


def test_the_service_is_not_root_and_owns_its_state() -> None:
    (user,) = arguments_of("USER")
    runs = " ".join(arguments_of("RUN"))
    assert user != "root"
    assert re.search(rf"useradd --system --uid \d+ \S+ \S+ {user}\b", runs)
    assert f"install -d -o {user} -g {user} {variables()['ONEMAP_STATE_DIRECTORY']}" in runs


def test_the_fonts_of_rendered_maps_are_in_the_image() -> None:
    assert "fonts-noto-cjk" in " ".join(arguments_of("RUN"))


def test_the_command_is_one_of_onemap_with_options_that_it_has() -> None:
    words = json.loads(arguments_of("CMD")[-1])
    assert words[:2] == ["onemap", "serve"]
    options = dict(zip(words[2::2], words[3::2], strict=True))
    assert {name.removeprefix("--") for name in options} <= set(inspect.signature(serve).parameters)
    assert options["--port"] == arguments_of("EXPOSE")[0]
    assert options["--host"] == "0.0.0.0"


def test_the_health_check_asks_an_address_of_the_service_on_its_port(routes: set[str]) -> None:
    (check,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", " ".join(arguments_of("HEALTHCHECK")))
    assert check == (arguments_of("EXPOSE")[0], "/health/ready")
    assert check[1] in routes


def test_every_setting_that_is_named_is_one(compose: dict[str, Any]) -> None:
    known = {f"ONEMAP_{name.upper()}" for name in Settings.model_fields}
    named = set(variables()) | set(compose["services"]["service"]["environment"])
    assert {name for name in named if name.startswith("ONEMAP_")} <= known


def test_every_variable_of_the_compose_file_has_a_default() -> None:
    found = list(TOKEN.finditer((ROOT / "docker-compose.yml").read_text()))
    assert {match["name"] for match in found} == {"ONEMAP_DATABASE_PASSWORD", "ONEMAP_PORT"}
    assert all(match["default"] for match in found)


def test_the_service_is_given_the_database_that_stands_beside_it(compose: dict[str, Any]) -> None:
    database, service = compose["services"]["database"]["environment"], compose["services"]["service"]
    url = TOKEN.sub(
        lambda match: (match["default"] or "").removeprefix(":-"), service["environment"]["ONEMAP_DATABASE_URL"]
    )
    password = TOKEN.sub(lambda match: (match["default"] or "").removeprefix(":-"), database["POSTGRES_PASSWORD"])
    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert url == f"postgresql://{user}:{password}@database:5432/{name}"
    assert Settings(database_url=SecretStr(url)).dsn() == url
    assert service["depends_on"]["database"]["condition"] == "service_healthy"


def test_the_database_is_healthy_when_it_answers_and_keeps_its_data(compose: dict[str, Any]) -> None:
    database = compose["services"]["database"]
    check = database["healthcheck"]["test"][1]
    assert check.startswith("pg_isready")
    assert f"--username {database['environment']['POSTGRES_USER']}" in check
    (volume,) = database["volumes"]
    name, _, place = volume.partition(":")
    assert name in compose["volumes"]
    assert place == "/var/lib/postgresql/data"
    assert "ports" not in database  # only the service reaches it
    major = re.fullmatch(r"postgis/postgis:(\d+)-(\d+\.\d+)", database["image"])
    assert major is not None
    assert (int(major[1]) >= 15, float(major[2]) >= 3.3) == (True, True)


def test_the_published_port_is_the_one_that_the_service_listens_on(compose: dict[str, Any]) -> None:
    (port,) = compose["services"]["service"]["ports"]
    assert TOKEN.sub("8000", port) == f"127.0.0.1:8000:{arguments_of('EXPOSE')[0]}"


def test_the_service_is_built_here_and_may_write_only_to_its_state(compose: dict[str, Any]) -> None:
    service = compose["services"]["service"]
    assert (ROOT / service["build"] / "Dockerfile").exists()
    assert service["read_only"] is True
    (volume,) = service["volumes"]
    name, _, place = volume.partition(":")
    assert name in compose["volumes"]  # grids and finished atlases outlive the container
    assert place == variables()["ONEMAP_STATE_DIRECTORY"]
    assert f"install -d -o onemap -g onemap {place}" in arguments_of("RUN")  # a new volume takes over its owner


def test_an_unknown_word_in_the_compose_file_is_found(compose: dict[str, Any]) -> None:
    broken = {**compose, "services": {**compose["services"], "service": {"build": ".", "port": ["8000"]}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, COMPOSE)
