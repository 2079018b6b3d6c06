"""A file that is sent leads its reader nowhere: to no other file of the machine, and to no address."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from geo.errors import FileUnreadable
from geo.ingest import ImportOptions, import_file
from geo.ingest.sandbox import import_in_sandbox
from layers.registry import discover

OPTIONS = ImportOptions(crs="EPSG:4490", source="sent")
SECRET = "机密隐患点"


@pytest.fixture
def leading(tmp_path: Path) -> str:
    """A virtual dataset (OGR VRT) that tells GDAL to read another file of the machine."""
    secret = tmp_path / "elsewhere" / "secret.csv"
    secret.parent.mkdir()
    secret.write_text(f"id,name,lon,lat\n1,{SECRET},115.0,25.0\n", encoding="utf-8")
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "<GeometryType>wkbPoint</GeometryType><LayerSRS>EPSG:4490</LayerSRS>"
        '<GeometryField encoding="PointFromColumns" x="lon" y="lat"/></OGRVRTLayer></OGRVRTDataSource>'
    )


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """An address of this machine, and the paths that it was asked for."""
    paths: list[str] = []

    class Telling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"EPSG:4490")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Telling) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def names(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM hazard_points ORDER BY name")]


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "kml", "zip"])
def test_a_file_that_names_another_is_refused_and_nothing_of_that_is_read(
    database_url: str, tmp_path: Path, leading: str, ending: str
) -> None:
    path = tmp_path / f"sent.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("sent.shp", leading)
    else:
        path.write_text(leading, encoding="utf-8")
    with pytest.raises(FileUnreadable) as refused:
        import_in_sandbox(database_url, path, "hazard_points", OPTIONS, run=uuid4())
    assert SECRET not in refused.value.message.zh
    assert str(tmp_path) not in refused.value.message.zh
    assert names(database_url) == []


def test_it_is_refused_without_the_sandbox_too(database_url: str, tmp_path: Path, leading: str) -> None:
    path = tmp_path / "sent.geojson"
    path.write_text(leading, encoding="utf-8")
    with pytest.raises(FileUnreadable, match="OGR_VRT inside, not GeoJSON"):
        import_file(database_url, path, discover()["hazard_points"], OPTIONS)
    assert names(database_url) == []


def test_an_address_in_a_file_is_not_asked(
    database_url: str, tmp_path: Path, asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    address, paths = asked
    point = {"type": "Point", "coordinates": [115.0, 25.0]}
    feature = {"type": "Feature", "properties": {"编号": "1", "名称": "一处"}, "geometry": point}
    link = {"type": "link", "properties": {"href": f"{address}/crs", "type": "proj4"}}
    path = tmp_path / "sent.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": link, "features": [feature]}), encoding="utf-8")
    import_in_sandbox(database_url, path, "hazard_points", OPTIONS, run=uuid4())
    assert names(database_url) == ["一处"]
    assert paths == []
