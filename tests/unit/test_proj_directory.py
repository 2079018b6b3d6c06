"""Mapnik and rasterio in one process: each finds what it needs, whichever comes first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CHECK = """
import {first}, {second}, rasterio.crs
with rasterio.Env():
    print(rasterio.crs.CRS.from_user_input("EPSG:4547").to_epsg())
"""


@pytest.mark.parametrize(
    ("first", "second"), [("geo.cartography.engine", "rasterio"), ("rasterio", "geo.cartography.engine")]
)
def test_rasterio_knows_the_epsg_codes_beside_mapnik(first, second):
    environment = {name: value for name, value in os.environ.items() if name not in ("PROJ_LIB", "PROJ_DATA")}
    ran = subprocess.run(
        [sys.executable, "-c", CHECK.format(first=first, second=second)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.strip() == "4547"
