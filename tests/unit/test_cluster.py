"""The private cluster's parts that need no server: programs, memory, configuration, socket paths, failures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geo.errors import ClusterError
from geo.postgres import PrivateCluster, binaries
from geo.postgres.account import Account
from geo.postgres.configuration import MIB, configuration, memory_bytes
from geo.postgres.failures import explain
from geo.postgres.processes import discard_stale_locks, exclusive, live_processes, postmaster_pid
from geo.postgres.socket_directory import (
    LONGEST_SOCKET_BYTES,
    SOCKET_NAME,
    choose_socket_directory,
    prepare_socket_directory,
)

ME = Account("me", os.geteuid(), os.getegid())


def installation(root: Path, major: int, *, postgis: bool = True) -> Path:
    """A directory that looks like PostgreSQL's, whose ``postgres --version`` answers as the real one does."""
    directory = root / str(major) / "bin"
    share = root / str(major) / "share"
    directory.mkdir(parents=True)
    (share / "extension").mkdir(parents=True)
    answers = {"postgres": f"postgres (PostgreSQL) {major}.3 (Debian {major}.3-1)", "pg_config": str(share)}
    for name in ("initdb", "pg_ctl", "postgres", "pg_config"):
        program = directory / name
        program.write_text(f"#!/bin/sh\necho '{answers.get(name, '')}'\n")
        program.chmod(0o755)
    if postgis:
        (share / "extension" / "postgis.control").touch()
    return directory


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty /usr/lib/postgresql, and nothing of PostgreSQL on PATH."""
    monkeypatch.setattr(binaries, "DISTRIBUTION_ROOT", tmp_path)
    monkeypatch.setenv("PATH", "/nonexistent:/bin")
    monkeypatch.setattr(binaries, "which", lambda name: None)
    return tmp_path


def test_the_newest_version_with_postgis_is_taken(distribution: Path) -> None:
    installation(distribution, 15)
    newest = installation(distribution, 17)
    installation(distribution, 18, postgis=False)
    found = binaries.find_binaries()
    assert (found.directory, found.major) == (newest, 17)
    assert found.program("initdb") == str(newest / "initdb")


def test_an_existing_data_directory_keeps_its_version(distribution: Path) -> None:
    older = installation(distribution, 15)
    installation(distribution, 17)
    assert binaries.find_binaries(15).directory == older


def test_another_major_version_is_named_with_the_package_that_brings_it(distribution: Path) -> None:
    installation(distribution, 17)
    with pytest.raises(ClusterError) as caught:
        binaries.find_binaries(15)
    for sentence in (caught.value.message.zh, caught.value.message.en):
        assert "17" in sentence
        assert "apt-get install -y postgresql-15 postgresql-15-postgis-3" in sentence


@pytest.mark.parametrize("major", [None, 14])
def test_no_or_an_old_postgresql_is_answered_with_the_command_that_installs_it(
    distribution: Path, major: int | None
) -> None:
    if major is not None:
        installation(distribution, major)
    with pytest.raises(ClusterError, match="apt-get install -y postgresql postgresql-postgis"):
        binaries.find_binaries()
    assert binaries.main() == 3


def test_programs_outside_the_distribution_are_found_by_pg_config(
    distribution: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = installation(tmp_path_factory.mktemp("opt"), 16)
    (own / "pg_config").write_text(f"#!/bin/sh\ncase $1 in --bindir) echo {own};; *) echo {own.parent}/share;; esac\n")
    monkeypatch.setattr(binaries, "which", lambda name: str(own / name) if name == "pg_config" else None)
    assert binaries.find_binaries().directory == own


def test_memory_is_that_of_the_container_where_that_is_less(tmp_path: Path) -> None:
    meminfo, limit, none = tmp_path / "meminfo", tmp_path / "memory.max", tmp_path / "max"
    meminfo.write_text("MemTotal:        8388608 kB\nMemFree:  1 kB\n")
    limit.write_text("1073741824\n")
    none.write_text("max\n")
    assert memory_bytes(meminfo, (none,)) == 8192 * MIB
    assert memory_bytes(meminfo, (none, limit)) == 1024 * MIB


@pytest.mark.parametrize(
    ("memory_mib", "shared_buffers"), [(256, "64MB"), (2048, "256MB"), (8192, "1024MB"), (262144, "1024MB")]
)
def test_shared_buffers_are_an_eighth_of_the_memory_within_bounds(memory_mib: int, shared_buffers: str) -> None:
    text = configuration(Path("/s"), memory_mib * MIB)
    assert f"shared_buffers = {shared_buffers}\n" in text


def test_only_a_throwaway_cluster_gives_up_durability() -> None:
    assert "fsync" not in configuration(Path("/s"), 2048 * MIB)
    assert "fsync = off\n" in configuration(Path("/s"), 2048 * MIB, throwaway=True)


def test_the_socket_lies_in_the_checkout_when_its_path_is_short_and_plain() -> None:
    assert choose_socket_directory(Path("/srv/一张图/.onemap")) == Path("/srv/一张图/.onemap/socket")


@pytest.mark.parametrize(
    "home", ["/srv/" + "a" * 90 + "/.onemap", "/srv/" + "图" * 30 + "/.onemap", "/srv/a,b'c/.onemap"]
)
def test_a_long_or_unusual_path_has_its_socket_in_a_short_directory(home: str) -> None:
    chosen = choose_socket_directory(Path(home))
    assert chosen.parent == Path("/tmp")
    assert len(os.fsencode(chosen / SOCKET_NAME)) <= LONGEST_SOCKET_BYTES
    assert chosen == choose_socket_directory(Path(home))
    assert chosen != choose_socket_directory(Path(home + "2"))


def test_the_longest_path_that_fits_is_used() -> None:
    room = LONGEST_SOCKET_BYTES - len("/" + "/.onemap/socket/" + SOCKET_NAME)
    assert choose_socket_directory(Path("/" + "a" * room + "/.onemap")).name == "socket"
    assert choose_socket_directory(Path("/" + "a" * (room + 1) + "/.onemap")).name != "socket"


def test_the_socket_directory_is_open_to_its_user_alone(tmp_path: Path) -> None:
    prepare_socket_directory(tmp_path / "socket", ME)
    assert (tmp_path / "socket").stat().st_mode & 0o777 == 0o700


def test_a_socket_directory_that_somebody_prepared_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "socket").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ClusterError, match="belongs to somebody else"):
        prepare_socket_directory(tmp_path / "socket", ME)


def test_the_url_survives_spaces_and_percent_signs(tmp_path: Path) -> None:
    import sqlalchemy

    home = Path("/srv/a map+50 @home/.onemap")
    url = PrivateCluster(home).dsn()
    assert sqlalchemy.make_url(url).query["host"] == str(home / "socket")


@pytest.mark.parametrize(
    ("output", "zh", "en"),
    [
        ("FATAL:  could not write: No space left on device", "磁盘已满", "is full"),
        ("initdb: error: could not open: Permission denied", "无权", "may not use"),
        ("pg_ctl: x\nFATAL:  boom\nLOG: bye", "FATAL:  boom", "FATAL:  boom"),
        ("", "no reason", "no reason was given"),
    ],
)
def test_a_failure_is_told_in_one_sentence(output: str, zh: str, en: str) -> None:
    text = explain("start", output, Path("/srv/.onemap"))
    assert zh in text.zh
    assert en in text.en
    assert "/srv/.onemap" in text.en


def test_a_second_command_waits_for_the_first_and_then_says_so(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with exclusive(lock, 1), pytest.raises(ClusterError, match="Another onemap command"), exclusive(lock, 0.2):
        pass
    with exclusive(lock, 0.2):
        pass


def test_a_process_of_another_program_is_not_the_postmaster(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    (tmp_path / ".s.PGSQL.5432.lock").touch()
    assert postmaster_pid(tmp_path) is None
    assert live_processes(tmp_path) == set()
    discard_stale_locks(tmp_path, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_pid_file_without_a_number_names_nobody(tmp_path: Path) -> None:
    assert postmaster_pid(tmp_path) is None
    (tmp_path / "postmaster.pid").touch()
    assert postmaster_pid(tmp_path) is None


def test_a_cluster_that_was_never_made_has_a_status_and_can_be_stopped(tmp_path: Path) -> None:
    cluster = PrivateCluster(tmp_path / ".onemap")
    cluster.stop()
    status = cluster.status()
    assert (status.exists, status.running, status.pid, status.major) == (False, False, None, None)
