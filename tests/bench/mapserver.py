"""MapServer over FastCGI: its map file, its processes, and the little of the protocol that asks them."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MAP = """MAP
  NAME "bench"
  SIZE {width} {height}
  MAXSIZE 4096
  UNITS METERS
  PROJECTION "init=epsg:3857" END
  IMAGECOLOR 244 245 241
  FONTSET "{fontset}"
  OUTPUTFORMAT
    NAME "png"
    DRIVER AGG/PNG
    MIMETYPE "image/png"
    IMAGEMODE {mode}
    EXTENSION "png"
    FORMATOPTION "COMPRESSION={compression}"
  END
  SYMBOL NAME "mark" TYPE SVG IMAGE "{mark}" END
  WEB
    METADATA
      "wms_title" "bench"
      "wms_enable_request" "*"
      "wms_srs" "EPSG:3857"
      "wms_onlineresource" "http://localhost/"
    END
  END
  LAYER
    NAME "points"
    TYPE POINT
    STATUS ON
    CONNECTIONTYPE POSTGIS
    CONNECTION "{connection}"
    DATA "geom FROM (SELECT geom, name, source_id FROM hazard_points WHERE retired_at IS NULL) AS t
      USING UNIQUE source_id USING SRID=4490"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    PROJECTION "proj=longlat" "ellps=GRS80" "no_defs" END
    METADATA "wms_title" "points" END
    LABELITEM "name"
    CLASS
      STYLE SYMBOL "mark" SIZE {mark_px} END
      LABEL
        FONT "sans"
        SIZE 9
        ENCODING "UTF-8"
        COLOR 41 52 64
        OUTLINECOLOR 255 255 255
        OUTLINEWIDTH 3.4
        POSITION CR
        OFFSET {offset} 0
        FORCE FALSE
        PARTIALS FALSE
        BUFFER 1
      END
    END
  END
END
"""


def connection(dsn: str) -> str:
    """The same database in libpq's words."""
    parts, query = urlsplit(dsn), parse_qs(urlsplit(dsn).query)
    return f"host={query['host'][0]} user={query['user'][0]} dbname={parts.path.lstrip('/')}"


@contextmanager
def mapserver(folder: Path, mapfile: str, processes: int) -> Iterator[Path]:
    """So many processes that answer on a socket; the socket."""
    path, address = folder / "bench.map", folder / "mapserv.sock"
    path.write_text(mapfile, "utf-8")
    configuration = folder / "mapserver.conf"
    configuration.write_text(f'CONFIG\n  ENV\n    MS_MAP_PATTERN "."\n    MS_MAPFILE "{path}"\n  END\nEND\n')
    running = []
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(address))
    listening.listen(64)
    environment = {"MAPSERVER_CONFIG_FILE": str(configuration), "MS_MAPFILE": str(path), "PATH": "/usr/bin:/bin"}
    try:
        for _ in range(processes):
            # A FastCGI process takes its listening socket as descriptor 0: what spawn-fcgi does.
            running.append(subprocess.Popen(["mapserv"], stdin=listening, env=environment, stderr=subprocess.DEVNULL))
        time.sleep(0.3)
        yield address
    finally:
        for process in running:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        listening.close()


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def _length(number: int) -> bytes:
    return struct.pack("!B", number) if number < 128 else struct.pack("!I", number | 0x80000000)


def ask(address: Path, query: str) -> bytes:
    """One request over FastCGI 1.0; the body of its answer."""
    parameters: Mapping[str, str] = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SCRIPT_NAME": "/mapserv",
    }
    pairs = b"".join(
        _length(len(name.encode())) + _length(len(value.encode())) + name.encode() + value.encode()
        for name, value in parameters.items()
    )
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(address))
        begin = struct.pack("!HB5x", 1, 0)
        line.sendall(_record(1, begin) + _record(4, pairs) + _record(4, b"") + _record(5, b""))
        with line.makefile("rb") as reader:
            out = bytearray()
            while True:
                head = reader.read(8)
                if len(head) < 8:
                    break
                _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", head)
                content = reader.read(length)
                reader.read(padding)
                if kind == 6:
                    out += content
                if kind == 3:
                    break
    _, _, body = bytes(out).partition(b"\r\n\r\n")
    return body
