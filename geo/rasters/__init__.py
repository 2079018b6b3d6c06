"""Grids: loaded as GeoTIFF, asked for people in shapes and heights at places, and shown on maps."""

from __future__ import annotations

from geo.rasters.adding import RasterChecks, add_raster
from geo.rasters.colours import ColourRow, ColourTable, ColourTableError, read_colours
from geo.rasters.entries import RasterEntry, RasterKind, entries_statement, list_rasters, read_entries, remove_raster
from geo.rasters.flow import FlowPath, flow_path
from geo.rasters.grids import Grids, rasters_directory
from geo.rasters.heights import elevation_at, elevations_at, slope_at
from geo.rasters.people import PeopleEstimate, people_within
from geo.rasters.reading import read_elevations, read_framed
from geo.rasters.relief import Light, relief_rgba

__all__ = [
    "ColourRow",
    "ColourTable",
    "ColourTableError",
    "FlowPath",
    "Grids",
    "Light",
    "PeopleEstimate",
    "RasterChecks",
    "RasterEntry",
    "RasterKind",
    "add_raster",
    "elevation_at",
    "elevations_at",
    "entries_statement",
    "flow_path",
    "list_rasters",
    "people_within",
    "rasters_directory",
    "read_colours",
    "read_elevations",
    "read_entries",
    "read_framed",
    "relief_rgba",
    "remove_raster",
    "slope_at",
]
