"""The answers of a batch as the rows of a file: one site a row, the same columns in every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.export import ExportFormat, export_features
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["batch_file"]


def _of_layer(layer: str, line: Mapping[str, object]) -> dict[str, object]:
    counts, closest = line["counts"], line["closest"]
    assert isinstance(counts, Mapping)
    assert isinstance(closest, Mapping)
    grades, nearest = counts.get(layer, {}), closest.get(layer, {})
    return {
        f"{layer}_count": sum(grades.values()),
        f"{layer}_worst": next((grade.value for grade in RiskGrade if grade.value in grades), None),
        f"{layer}_closest": nearest.get("name") or nearest.get("id"),
        f"{layer}_closest_m": nearest.get("distance_m"),
    }


def _feature(line: Mapping[str, object], layers: Sequence[Layer]) -> dict[str, object]:
    head = {"row": line["row"], "site": line["site"], "error": None}
    if "error" in line:
        why = line["error"]
        assert isinstance(why, Mapping)
        return {"type": "Feature", "geometry": None, "properties": head | {"error": f"{why['zh']} {why['en']}"}}
    people = line.get("people")
    estimate = people if isinstance(people, Mapping) else {}
    properties = head | {
        "radius_m": line["radius_m"],
        "total": line["total"],
        "worst": line["worst"],
        "people": estimate.get("people"),
        "people_known_share": estimate.get("known_share"),
        "elevation_m": line.get("elevation_m"),
    }
    for layer in layers:
        properties |= _of_layer(layer.name, line)
    place = {"type": "Point", "coordinates": [line["lon"], line["lat"]]}
    return {"type": "Feature", "geometry": place, "properties": properties}


def batch_file(lines: Sequence[Mapping[str, object]], layers: Sequence[Layer], format_: ExportFormat) -> bytes:
    """The lines of ``batch_answers``, parsed, as a file; a row that could not be asked has its reason and no place.

    Raises:
        InputError: more rows than the format holds.
    """
    features = [_feature(line, layers) for line in lines]
    # The columns are those of a whole row, also when the first could not be asked.
    features.sort(key=lambda each: each["geometry"] is None)
    if format_ is not ExportFormat.PARQUET and format_ is not ExportFormat.GPKG:
        columns = dict.fromkeys(name for each in features[:1] for name in _properties(each))
        features = [{**each, "properties": dict.fromkeys(columns) | _properties(each)} for each in features]
    features.sort(key=lambda each: int(str(_properties(each)["row"])))
    return export_features(features, format_)


def _properties(feature: Mapping[str, object]) -> dict[str, object]:
    properties = feature["properties"]
    assert isinstance(properties, dict)
    return properties
