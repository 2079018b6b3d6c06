"""The cluster's configuration: sized for one small server, reachable by its Unix socket only."""

from __future__ import annotations

from pathlib import Path

__all__ = ["HBA", "configuration", "memory_bytes"]

MIB = 1024 * 1024

HBA = "# Only the Unix socket, whose directory is open to the cluster's user and to root alone.\nlocal all all trust\n"
"""pg_hba.conf: whoever can reach the socket is trusted; no other door exists."""

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_bytes(meminfo: Path = Path("/proc/meminfo"), limits: tuple[Path, ...] = CGROUP_LIMITS) -> int:
    """The memory that this machine, or this container, may use; 2 GiB where the kernel does not tell."""
    known = [2048 * MIB]
    if meminfo.exists():
        total = next(line for line in meminfo.read_text().splitlines() if line.startswith("MemTotal:"))
        known = [int(total.split()[1]) * 1024]
    known += [int(text) for path in limits if path.exists() and (text := path.read_text().strip()).isdigit()]
    return min(known)


def _bounded_mib(size_bytes: int, low_mib: int, high_mib: int) -> str:
    return f"{max(low_mib, min(high_mib, size_bytes // MIB))}MB"


def configuration(socket_directory: Path, memory: int, *, throwaway: bool = False) -> str:
    """The text of the file that postgresql.conf includes; ``memory`` in bytes.

    Log lines carry neither the statement nor the row that failed: rows hold names and telephone numbers.
    """
    settings = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{socket_directory}'",
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "100",
        "shared_buffers": _bounded_mib(memory // 8, 64, 1024),
        "effective_cache_size": _bounded_mib(memory // 2, 256, 16384),
        "maintenance_work_mem": _bounded_mib(memory // 32, 32, 256),
        "work_mem": _bounded_mib(memory // 256, 4, 32),
        "max_wal_size": "1GB",
        "random_page_cost": "1.1",
        "jit": "off",  # compiling costs more than it saves in queries of milliseconds
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_line_prefix": "'%m [%p] %d '",
    }
    if throwaway:
        settings |= {
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "shared_buffers": "128MB",
            "autovacuum_naptime": "10min",
        }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())
