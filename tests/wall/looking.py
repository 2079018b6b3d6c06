"""What a test sees and asks beside the page: pixels of a colour, and the service's own answers."""

from __future__ import annotations

import io
import json
import urllib.request
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

Json = Any
"""An answer as it came: the test that reads it knows its shape."""


def ask(address: str) -> Json:
    """The service's JSON at ``address``."""
    with urllib.request.urlopen(address, timeout=20) as response:
        answer: Json = json.load(response)
    return answer


def pixels(page: Page, selector: str) -> NDArray[np.int16]:
    """What is seen of an element: height × width × RGB."""
    with Image.open(io.BytesIO(page.locator(selector).screenshot())) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.int16)


def count_of(picture: NDArray[np.int16], colour: str, tolerance: int = 6) -> int:
    """How many pixels have ``colour`` (#RRGGBB), each channel within ``tolerance``."""
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.int16)
    return int((np.abs(picture - wanted).max(axis=2) <= tolerance).sum())
