"""Grids of elevation and population: loaded as GeoTIFF, asked for people in shapes and heights at places."""

from __future__ import annotations

from geo.rasters.adding import RasterChecks, add_raster
from geo.rasters.entries import RasterEntry, RasterKind, entries_statement, list_rasters, read_entries, remove_raster
from geo.rasters.grids import Grids, rasters_directory
from geo.rasters.heights import elevation_at, elevations_at, slope_at
from geo.rasters.people import PeopleEstimate, people_within

__all__ = [
    "Grids",
    "PeopleEstimate",
    "RasterChecks",
    "RasterEntry",
    "RasterKind",
    "add_raster",
    "elevation_at",
    "elevations_at",
    "entries_statement",
    "list_rasters",
    "people_within",
    "rasters_directory",
    "read_entries",
    "remove_raster",
    "slope_at",
]
