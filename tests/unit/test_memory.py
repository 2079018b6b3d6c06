"""Memory that is no longer needed goes back: what Typst remembers of pages, and the pixels of large pictures."""

from __future__ import annotations

import subprocess
import sys

import pytest

from geo.exhibits.fonts import FAMILY, exhibit_fonts
from tests.exhibit_workshop import STATE

HELD = """
def held_mb():
    with open("/proc/self/smaps_rollup") as told:
        return next(int(line.split()[1]) for line in told if line.startswith("Rss:")) / 1024
"""
PAGES = (
    HELD
    + """
import sys
from pathlib import Path
import typst
from geo.exhibits.typesetter import forget_pages, typst_fonts

fonts, place = Path(sys.argv[1]), Path(sys.argv[2])

def set_page(number):
    # Each word of each page is another, as those of two exhibits are.
    words = " ".join(f"w{number}x{at}" for at in range(12_000))
    (place / "page.typ").write_text(f'#set text(font: "{sys.argv[3]}")\\n{words}')
    typst.Compiler(str(place / "page.typ"), root=str(place), font_paths=typst_fonts(fonts)).compile(format="pdf")

grown = []
for forgets in (True, False):
    for number in range(8):
        set_page(number + 100 * forgets)
        if forgets:
            forget_pages(fonts)
        if number == 1:
            before = held_mb()
    grown.append(held_mb() - before)
print(*grown)
"""
)
BLOCKS = (
    HELD
    + """
import threading
import numpy as np
from api.memory import give_large_blocks_back

assert give_large_blocks_back()
before = held_mb()

def draw():
    for _ in range(4):
        np.ones(30_000_000, np.uint8)

threads = [threading.Thread(target=draw) for _ in range(2)]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(held_mb() - before)
"""
)


def printed(program: str, *arguments: str) -> list[float]:
    """The numbers that a Python of its own prints: what another test left in memory does not count."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def test_what_typst_worked_out_of_a_page_is_forgotten_with_the_page(tmp_path):
    forgetting, keeping = printed(PAGES, str(exhibit_fonts(STATE)), str(tmp_path), FAMILY)
    assert forgetting < keeping / 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
def test_the_pixels_of_large_pictures_go_back_to_the_system():
    (grown,) = printed(BLOCKS)
    assert grown < 15, "of 30 MB each"
