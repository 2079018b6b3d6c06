"""A reader of vector tiles (MVT 2.1), written from the specification and used by tests only."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

KINDS = {1: "point", 2: "line", 3: "polygon"}


@dataclass(frozen=True)
class TileFeature:
    kind: str
    properties: dict[str, object]
    points: list[tuple[int, int]]
    """All vertices, in tile units from the top left."""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        elif wire == 2:
            length, at = _varint(data, at)
            yield number, data[at : at + length]
            at += length
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
            yield number, data[at : at + length]
            at += length
        else:
            raise ValueError(f"wire type {wire}")


def _packed(data: bytes) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
    return values


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _value(data: bytes) -> object:
    for number, value in _fields(data):
        if number == 1:
            return bytes(value).decode()
        if number == 2:
            return struct.unpack("<f", value)[0]
        if number == 3:
            return struct.unpack("<d", value)[0]
        if number == 6:
            return _zigzag(int(value))
        if number == 7:
            return bool(value)
        return value
    raise ValueError("an empty value")


def _points(commands: list[int]) -> list[tuple[int, int]]:
    x = y = at = 0
    points = []
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            continue
        for _ in range(count):
            x, y, at = x + _zigzag(commands[at]), y + _zigzag(commands[at + 1]), at + 2
            points.append((x, y))
    return points


def decode(tile: bytes) -> dict[str, list[TileFeature]]:
    """Features by layer."""
    layers: dict[str, list[TileFeature]] = {}
    for number, layer in _fields(tile):
        assert number == 3
        parts = list(_fields(bytes(layer)))
        name = next(bytes(value).decode() for field, value in parts if field == 1)
        keys = [bytes(value).decode() for field, value in parts if field == 3]
        values = [_value(bytes(value)) for field, value in parts if field == 4]
        features = layers.setdefault(name, [])
        for field, raw in parts:
            if field == 2:
                feature = dict(_fields(bytes(raw)))
                tags = _packed(bytes(feature.get(2, b"")))
                properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
                points = _points(_packed(bytes(feature.get(4, b""))))
                features.append(TileFeature(KINDS[int(feature[3])], properties, points))
    return {name: features for name, features in layers.items() if features}
