"""Grids: what may be loaded, people and heights against computations of our own, and unknown that is never 0."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
import shapely
from affine import Affine
from typer.testing import CliRunner

from api.cli import build
from geo.errors import CrsUnknown, FileUnreadable, FileUnwritable, NotFound
from geo.rasters import (
    Grids,
    RasterKind,
    add_raster,
    elevation_at,
    elevations_at,
    list_rasters,
    people_within,
    remove_raster,
    slope_at,
)

UNKNOWN = -9999.0


def write(path, band, *, crs="EPSG:4490", nodata=UNKNOWN, west=115.0, north=25.0, cell=0.01, bands=1):
    band = np.asarray(band, np.float32)
    shape = {"height": band.shape[0], "width": band.shape[1], "count": bands}
    transform = Affine(cell, 0, west, 0, -cell, north)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", crs=crs, nodata=nodata, transform=transform, **shape
    ) as file:
        for number in range(bands):
            file.write(band, number + 1)
    return path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "rasters"


@pytest.fixture
def load(database_url, directory, tmp_path):
    """Load a made grid; gives the grids and the entries as they are then."""

    def add(band, kind=RasterKind.POPULATION, name="made", **how):
        options = {each: how.pop(each) for each in ("data_date", "demo") if each in how}
        path = write(tmp_path / f"{name}.tif", band, **how)
        add_raster(database_url, directory, path, kind, name=name, **options)
        return Grids(directory), list_rasters(database_url)

    return add


def share_of_cells(path: Path, shape: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Values and the share of each cell inside ``shape``, by cutting every cell with shapely."""
    with rasterio.open(path) as file:
        band = file.read(1, masked=True)
        rows, columns = np.indices(band.shape)
        west = file.transform.c + columns * file.transform.a
        north = file.transform.f + rows * file.transform.e
        cells = shapely.box(west, north + file.transform.e, west + file.transform.a, north)
        share = shapely.area(shapely.intersection(cells, shape)) / shapely.area(cells)
    return band, share


def test_people_agree_with_cutting_every_cell_of_a_real_grid(database_url, directory, shared_data):
    path = shared_data / "rasters" / "worldpop_aruba_2020.tif"
    add_raster(database_url, directory, path, RasterKind.POPULATION, data_date=date(2020, 7, 1))
    rng = np.random.default_rng(4)
    shapes = [
        shapely.Point(rng.uniform(-70.05, -69.88), rng.uniform(12.43, 12.61)).buffer(rng.uniform(0.002, 0.03))
        for _ in range(12)
    ]
    found = people_within(Grids(directory), list_rasters(database_url), shapes)
    partly = 0
    for shape, estimate in zip(shapes, found, strict=True):
        band, share = share_of_cells(path, shape)
        known = float(share[~band.mask].sum())
        cell = 0.0008333333319328062 * 0.0008333333294117658
        assert estimate is not None
        assert estimate.known_share == pytest.approx(known * cell / shape.area, abs=1e-4)
        partly += 0.01 < estimate.known_share < 0.99
        if known == 0:
            assert estimate.people is None
        else:
            assert estimate.people == pytest.approx(float((band * share).sum()), rel=1e-5, abs=1e-3)
    assert partly >= 3, "the sea around the island is unknown, and several rings lie partly in it"


def test_the_heights_of_a_real_grid_are_those_of_its_cells_and_bilinear_between(database_url, directory, shared_data):
    path = shared_data / "rasters" / "hakone_tanzawa_aster_gdem.tif"
    add_raster(database_url, directory, path, RasterKind.ELEVATION)
    grids, entries = Grids(directory), list_rasters(database_url)
    with rasterio.open(path) as file:
        band, transform = file.read(1).astype(float), file.transform
    rng = np.random.default_rng(5)
    row, column = rng.integers(0, 866, 400), rng.integers(0, 882, 400)
    v, u = rng.uniform(size=(2, 400))
    lon = transform.c + (column + 0.5 + u) * transform.a
    lat = transform.f + (row + 0.5 + v) * transform.e
    z = [band[row + i, column + j] for i in (0, 1) for j in (0, 1)]
    expected = (z[0] * (1 - u) + z[1] * u) * (1 - v) + (z[2] * (1 - u) + z[3] * u) * v
    assert elevations_at(grids, entries, np.column_stack((lon, lat))) == pytest.approx(expected, abs=1e-6)
    # Horn's slope by numpy, cell sizes from the ellipsoid's radii of curvature.
    a, e2, phi = 6378137.0, 0.00669438, math.radians(35.4)
    cell = math.radians(transform.a)
    east_m = a * math.cos(phi) / math.sqrt(1 - e2 * math.sin(phi) ** 2) * cell
    north_m = a * (1 - e2) / (1 - e2 * math.sin(phi) ** 2) ** 1.5 * cell
    row_, column_ = int((35.4 - transform.f) / transform.e), int((139.2 - transform.c) / transform.a)
    nine = band[row_ - 1 : row_ + 2, column_ - 1 : column_ + 2]
    by_east = ((nine[:, 2] - nine[:, 0]) @ [1, 2, 1]) / (8 * east_m)
    by_north = ((nine[2] - nine[0]) @ [1, 2, 1]) / (8 * north_m)
    assert slope_at(grids, entries, 139.2, 35.4) == pytest.approx(
        math.degrees(math.atan(math.hypot(by_east, by_north))), abs=0.01
    )


def test_a_shape_that_no_grid_touches_is_none_and_one_without_values_is_unknown_not_zero(load):
    band = np.zeros((20, 20))
    band[:, 10:] = UNKNOWN
    grids, entries = load(band)
    nobody, unknown, half, away = people_within(
        grids,
        entries,
        [
            shapely.box(115.01, 24.85, 115.05, 24.95),
            shapely.box(115.12, 24.85, 115.18, 24.95),
            shapely.box(115.05, 24.85, 115.15, 24.95),
            shapely.box(100, 20, 101, 21),
        ],
    )
    assert (nobody.people, nobody.known_share) == (0.0, 1.0)
    assert (unknown.people, unknown.known_share) == (None, 0.0)
    assert half.people == 0.0
    assert half.known_share == pytest.approx(0.5)
    assert away is None


def test_a_shape_over_the_grids_edge_says_how_much_is_known(load):
    grids, entries = load(np.ones((20, 20)))
    (estimate,) = people_within(grids, entries, [shapely.box(114.9, 24.85, 115.1, 24.95)])
    assert estimate.people == pytest.approx(100.0)
    assert estimate.known_share == pytest.approx(0.5)


def test_a_cell_that_is_nan_is_unknown_though_the_file_declares_no_nodata(load):
    band = np.ones((20, 20))
    band[0, 0] = np.nan
    grids, entries = load(band, nodata=None)
    (estimate,) = people_within(grids, entries, [shapely.box(115.0, 24.98, 115.02, 25.0)])
    assert estimate.people == pytest.approx(3.0)
    assert estimate.known_share == pytest.approx(0.75)


def test_a_grid_in_metres_counts_the_same_people(load, database_url):
    band = np.ones((50, 50))
    grids, entries = load(band, crs="EPSG:4547", west=500_000, north=2_800_000, cell=100, name="metres")
    entry = entries[0]
    assert entry.crs == "EPSG:4547"
    assert entry.west < 114.0001 < entry.east
    inside = shapely.box(entry.west + 0.01, entry.south + 0.01, entry.west + 0.03, entry.south + 0.03)
    (estimate,) = people_within(grids, entries, [inside])
    # 0.02° × 0.02° at 25.3°N, in hectares of one person each, by the radii of curvature.
    phi = math.radians((inside.bounds[1] + inside.bounds[3]) / 2)
    e2, step = 0.00669438, math.radians(0.02)
    east_m = 6378137.0 * math.cos(phi) / math.sqrt(1 - e2 * math.sin(phi) ** 2) * step
    north_m = 6378137.0 * (1 - e2) / (1 - e2 * math.sin(phi) ** 2) ** 1.5 * step
    assert estimate.people == pytest.approx(east_m * north_m / 1e4, rel=1e-3)


def test_a_bureaus_own_grid_goes_before_the_demos_and_the_rest_comes_from_the_demo(load):
    load(np.full((20, 20), 7.0), name="demo-people", demo=True)
    grids, entries = load(np.ones((20, 10)), name="own")
    own, beyond = people_within(
        grids, entries, [shapely.box(115.0, 24.9, 115.05, 25.0), shapely.box(115.12, 24.9, 115.18, 25.0)]
    )
    assert (own.grid, own.demo) == ("own", False)
    assert (beyond.grid, beyond.demo) == ("demo-people", True)


def test_a_height_beside_unknown_cells_is_its_own_cells_and_off_the_grid_it_is_unknown(load):
    band = np.full((9, 9), 100.0)
    band[0, 0] = UNKNOWN
    grids, entries = load(band, RasterKind.ELEVATION)
    assert elevation_at(grids, entries, 115.011, 24.989) == pytest.approx(100.0)
    assert elevation_at(grids, entries, 115.005, 24.995) is None
    assert elevation_at(grids, entries, 114.9, 24.995) is None
    assert slope_at(grids, entries, 115.015, 24.985) is None
    assert slope_at(grids, entries, 115.045, 24.955) == 0.0


def test_many_threads_ask_one_grid_at_once(load):
    grids, entries = load(np.arange(400.0).reshape(20, 20))
    shapes = [shapely.box(115 + x, 24.85, 115.05 + x, 24.95) for x in np.linspace(0, 0.15, 16)]
    alone = [people_within(grids, entries, [shape])[0] for shape in shapes]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda shape: people_within(grids, entries, [shape])[0], shapes * 6))
    assert together == alone * 6


@pytest.mark.parametrize(
    ("how", "kind", "error", "said"),
    [
        ({"crs": None}, RasterKind.POPULATION, CrsUnknown, "no CRS"),
        ({"crs": "EPSG:4610"}, RasterKind.POPULATION, CrsUnknown, "Xian"),
        ({"bands": 2}, RasterKind.POPULATION, FileUnreadable, "2 bands"),
        ({"value": -5.0}, RasterKind.POPULATION, FileUnreadable, "--nodata"),
        ({"value": -32768.0, "nodata": None}, RasterKind.ELEVATION, FileUnreadable, "--nodata"),
        ({"value": UNKNOWN}, RasterKind.ELEVATION, FileUnreadable, "no cell"),
    ],
)
def test_what_cannot_be_trusted_is_refused_and_nothing_is_left(
    database_url, directory, tmp_path, how, kind, error, said
):
    path = write(tmp_path / "bad.tif", np.full((4, 4), how.pop("value", 1.0)), **how)
    with pytest.raises(error, match=said):
        add_raster(database_url, directory, path, kind)
    assert list_rasters(database_url) == ()
    assert not directory.exists() or list(directory.iterdir()) == []


def test_a_virtual_dataset_under_the_name_of_a_geotiff_is_refused(database_url, directory, tmp_path):
    other = write(tmp_path / "other.tif", [[1.0, 2.0], [3.0, 4.0]])
    path = tmp_path / "sent.tif"
    rasterio.shutil.copy(other, path, driver="VRT")
    with pytest.raises(FileUnreadable, match="give a GeoTIFF"):
        add_raster(database_url, directory, path, RasterKind.POPULATION)
    assert list_rasters(database_url) == ()


def test_nodata_can_be_declared_for_a_file_that_does_not_say_it(database_url, directory, tmp_path):
    band = np.full((4, 4), 2.0)
    band[0] = -1.0
    path = write(tmp_path / "silent.tif", band, nodata=None)
    entry = add_raster(database_url, directory, path, RasterKind.POPULATION, nodata=-1.0)
    assert entry.total == 24.0
    assert entry.known_share == 0.75
    (estimate,) = people_within(Grids(directory), (entry,), [shapely.box(115.0, 24.96, 115.04, 25.0)])
    assert estimate.people == pytest.approx(24.0)
    assert estimate.known_share == pytest.approx(0.75)


def test_a_directory_that_cannot_be_made_is_said_to_be(database_url, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FileUnwritable):
        add_raster(database_url, tmp_path / "taken", write(tmp_path / "g.tif", np.ones((4, 4))), RasterKind.POPULATION)
    assert list_rasters(database_url) == ()


def test_the_same_content_is_one_file_and_removing_the_last_grid_removes_it(database_url, directory, tmp_path):
    path = write(tmp_path / "g.tif", np.ones((4, 4)))
    for name in ("one", "two"):
        add_raster(database_url, directory, path, RasterKind.POPULATION, name=name)
    (file,) = directory.iterdir()
    remove_raster(database_url, "one", directory)
    assert file.exists()
    remove_raster(database_url, "two", directory)
    assert not file.exists()
    with pytest.raises(NotFound):
        remove_raster(database_url, "two", directory)


def test_a_registered_file_that_is_gone_is_named_and_the_other_grids_answer(load, directory):
    load(np.ones((4, 4)), name="coarse", demo=True)
    _, entries = load(np.full((4, 4), 2.0), name="own")
    (directory / entries[0].file).unlink()
    grids = Grids(directory)
    (estimate,) = people_within(grids, entries, [shapely.box(115.0, 24.97, 115.02, 24.99)])
    assert estimate.grid == "coarse"
    assert grids.unreadable(entries) == ["own"]


def test_the_commands_load_list_and_remove(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("ONEMAP_DATABASE_URL", database_url)
    monkeypatch.setenv("ONEMAP_STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("ONEMAP_LANG", "en")
    path = write(tmp_path / "people.tif", np.ones((4, 4)))
    run = CliRunner().invoke
    added = run(build(), ["rasters", "add", str(path), "--kind", "population", "--date", "2025-12-31"])
    assert added.exit_code == 0, added.output
    assert "16 people in all" in added.stdout
    listed = json.loads(run(build(), ["rasters", "list", "--json"]).stdout)["rasters"]
    assert [(each["name"], each["data_date"], each["total"]) for each in listed] == [("people", "2025-12-31", 16.0)]
    assert "population" in run(build(), ["rasters", "list"]).stdout
    assert run(build(), ["rasters", "remove", "people"]).exit_code == 0
    assert json.loads(run(build(), ["rasters", "list", "--json"]).stdout)["rasters"] == []
