"""Asking a WMS: a map and a pixel of it in both versions, and the codes of refusals."""

from __future__ import annotations

from xml.etree import ElementTree

import httpx
import numpy as np

from tests.pixels import read

__all__ = ["INFO", "MAP", "WMS", "ask", "capabilities", "code_of", "named", "old", "pixels", "texts"]

WMS = "{http://www.opengis.net/wms}"
MAP = {
    "SERVICE": "WMS",
    "VERSION": "1.3.0",
    "REQUEST": "GetMap",
    "LAYERS": "hazard_points",
    "STYLES": "",
    "CRS": "EPSG:4490",
    "BBOX": "24.98,114.984,25.02,115.024",
    "WIDTH": "400",
    "HEIGHT": "400",
    "FORMAT": "image/png",
}
INFO = MAP | {"REQUEST": "GetFeatureInfo", "QUERY_LAYERS": "hazard_points", "I": "200", "J": "200"}


def old(parameters: dict[str, str]) -> dict[str, str]:
    """The same request in 1.1.1."""
    changed = parameters | {"VERSION": "1.1.1", "SRS": parameters["CRS"]}
    south, west, north, east = parameters["BBOX"].split(",")
    changed |= {"BBOX": f"{west},{south},{east},{north}"}
    if "I" in changed:
        changed |= {"X": changed.pop("I"), "Y": changed.pop("J")}
    del changed["CRS"]
    return changed


async def ask(client: httpx.AsyncClient, status: int = 200, **parameters: str | None) -> httpx.Response:
    """The answer to these parameters, those that are None left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    response = await client.get("/wms", params=given)
    assert response.status_code == status, response.text
    return response


async def pixels(client: httpx.AsyncClient, parameters: dict[str, str], **changes: str | None) -> np.ndarray:
    """The pixels of a map."""
    return read((await ask(client, **(parameters | changes))).content)


def code_of(response: httpx.Response) -> str | None:
    """The code of the one exception in a report of either version."""
    (found,) = [each for each in ElementTree.fromstring(response.content).iter() if each.tag.endswith("Exception")]
    return found.get("code")


async def capabilities(client: httpx.AsyncClient, version: str = "1.3.0", **more: str) -> ElementTree.Element:
    """The root of the capabilities."""
    response = await ask(client, SERVICE="WMS", REQUEST="GetCapabilities", VERSION=version, **more)
    return ElementTree.fromstring(response.content)


def named(root: ElementTree.Element) -> list[ElementTree.Element]:
    """The layers of capabilities (1.3.0) that may be asked for."""
    return [each for each in root.iter(f"{WMS}Layer") if each.find(f"{WMS}Name") is not None]


def texts(element: ElementTree.Element, path: str) -> list[str]:
    """The texts below an element of capabilities, by a path without namespaces: ``Style/Name``."""
    return [each.text or "" for each in element.findall("/".join(WMS + part for part in path.split("/")))]
