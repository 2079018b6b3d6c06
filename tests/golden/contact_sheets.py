"""``python -m tests.golden.contact_sheets``: every kind × {A4, A3} × {PDF, PNG, DOCX, HTML}, to be looked at.

Rendered from the demo and from shared real files (imported as a user would, or already in the database of ``--real``),
opened by the programs that people have (pdfium, LibreOffice, Chromium without a network) and drawn on a sheet for each
format beside this file. ``--keep FOLDER`` leaves the files and every page as a picture at reading size.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from geo.exhibits.formats.writing import FORMATS, write
from geo.exhibits.manuscript import prepare
from geo.exhibits.workshop import Workshop
from tests import throwaway
from tests.exhibit_workshop import STATE, asked, in_workshop
from tests.wall.driving import CHROMIUM_ARGUMENTS, chromium_path

Wanted = dict[str, dict[str, object]]
SHEETS = Path(__file__).parent / "exhibits"
WRITTEN = ("pdf", "png", "docx", "html")
PAPERS = (("A4", "portrait"), ("A3", "landscape"))
MOST_BYTES = 600_000
_DPI = 110
COUNTY = "360724"
DEMO: Wanted = {
    "surroundings": {"lon": 115.646, "lat": 24.957},
    "four_colours": {"division": "360700"},
    "hazards": {"division": COUNTY},
    "resources": {"division": COUNTY},
    "thematic": {"division": COUNTY, "layers": ("schools", "hospitals")},
    "comparison": {"division": COUNTY, "other_division": "360734", "layers": ("hazard_points", "reservoirs")},
    "assessment": {"division": COUNTY, "period": "2026-Q3"},
}
TOWN = "66000290"
REAL: Wanted = {
    "surroundings": {"lon": 121.03, "lat": 24.22, "radius_m": (5000, 10_000, 20_000)},
    "four_colours": {"division": TOWN, "layers": ("hazard_points",)},
    "hazards": {"division": TOWN},
    "resources": {"division": TOWN},
    "thematic": {"division": TOWN, "layers": ("shelters", "helipads")},
    "comparison": {"division": TOWN, "other_division": "68000130", "layers": ("hazard_points", "shelters")},
    "assessment": {"division": TOWN, "period": "2026-Q4"},
}
FILES = {
    "divisions/taiwan_towns.geojson": "divisions",
    "hazards/taiwan_large_landslides.geojson": "hazard_points",
    "shelters/taiwan_shelters_v9.csv": "shelters",
    "helipads/ourairports_heliports_east_asia.csv": "helipads",
}


@contextmanager
def real_database(cluster: object, given: str | None) -> Iterator[str]:
    """The given one, or a throw-away one with the shared files in it."""
    if given:
        yield given
        return
    shared = Path(os.environ.get("ONEMAP_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    with throwaway.database_of_its_own(cluster) as url:  # type: ignore[arg-type]  # what ``ask`` gave
        for name, layer in FILES.items():
            words = ["import", str(shared / name), "--layer", layer, "--crs", "CRS84"]
            command = [sys.executable, "-c", "from api.cli import main; main()", *words]
            environment = {**os.environ, "ONEMAP_DATABASE_URL": url}
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        yield url


def render(dsn: str, data: str, wanted: Wanted, folder: Path) -> None:
    """Every kind, paper and format, in one workshop; the languages take turns."""

    async def work(workshop: Workshop) -> None:
        for number, (kind, values) in enumerate(wanted.items()):
            for turn, (paper, way) in enumerate(PAPERS):
                lang = ("zh", "en")[(number + turn) % 2]
                request = asked(kind, paper=paper, orientation=way, lang=lang, **values)
                manuscript = await prepare(workshop, request, STATE)
                for form in WRITTEN:
                    files = await workshop.studio.queue.run(lambda f=form, m=manuscript: write(m, FORMATS[f], _DPI))  # type: ignore[misc]
                    for page, content in enumerate(files, start=1):
                        (folder / f"{data}-{kind}-{paper}-{page}.{form}").write_bytes(content)

    in_workshop(dsn, work)


def drawn_pdf(path: Path, form: str) -> None:
    """Every page of a PDF as a picture."""
    document = pypdfium2.PdfDocument(path)
    stem = path.stem.removesuffix("-1")
    for number in range(len(document)):
        picture = document[number].render(scale=_DPI / 72).to_pil()
        picture.save(path.parent / f"{form}-{stem}-{number + 1:02}.look.png")
    document.close()


def drawn_word(folder: Path) -> None:
    """All documents in one run of LibreOffice."""
    out, home = folder / "word", folder / "home"
    command = ["soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", "pdf", "--outdir"]
    files = sorted(str(each) for each in folder.glob("*.docx"))
    subprocess.run([*command, str(out), *files], check=True, capture_output=True, timeout=900)
    for made in sorted(out.glob("*.pdf")):
        drawn_pdf(made.rename(folder / f"{made.stem}.word.pdf"), "docx")
    shutil.rmtree(home)


def drawn_web(folder: Path) -> None:
    """Each file in Chromium, the network cut; a message on its console ends the run."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in sorted(folder.glob("*.html")):
            page.goto(path.resolve().as_uri())
            page.wait_for_timeout(700)
            page.screenshot(path=folder / f"html-{path.stem.removesuffix('-1')}-01.look.png", full_page=True)
        browser.close()
    if said:
        raise RuntimeError(f"said on the console: {said[:5]}")


def contact_sheet(folder: Path, form: str) -> None:
    """The first page of each (of an assessment the one after its cover), smaller until the sheet weighs little."""
    names = [f"{data}-{kind}-{paper}" for data in ("demo", "real") for kind in DEMO for paper, _ in PAPERS]
    tiles = []
    for name in names:
        pages = sorted(folder.glob(f"{form}-{name}-*.look.png"))
        with Image.open(pages[min(1, len(pages) - 1) if "assessment" in name else 0]) as picture:
            tiles.append((name, picture.convert("RGB")))
    for wide in range(300, 100, -20):
        high = round(wide * 1.42)
        sheet = Image.new("RGB", (7 * (wide + 8) + 8, 4 * (high + 24) + 8), "#808890")
        for at, (name, tile) in enumerate(tiles):
            small = tile.crop((0, 0, tile.width, min(tile.height, round(tile.width * 1.42))))
            small.thumbnail((wide, high), Image.Resampling.LANCZOS)
            x, y = 8 + at % 7 * (wide + 8), 8 + at // 7 * (high + 24)
            ImageDraw.Draw(sheet).text((x, y), name, fill="white")
            sheet.paste(small, (x, y + 14))
        out = SHEETS / f"{form}.png"
        sheet.quantize(128, kmeans=1, dither=Image.Dither.NONE).save(out, optimize=True)
        if out.stat().st_size <= MOST_BYTES:
            return
    raise RuntimeError(f"{form}.png weighs more than {MOST_BYTES} bytes")


def main() -> None:
    """Render, open, draw, put together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", help="a database that holds the shared files already")
    parser.add_argument("--keep", type=Path, help="leave all files and pictures here")
    arguments = parser.parse_args()
    keeper = throwaway.Keeper()
    os.environ[throwaway.ADDRESS] = keeper.address
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = arguments.keep or Path(name)
            folder.mkdir(parents=True, exist_ok=True)
            cluster = throwaway.ask(throwaway.DEMO_TEMPLATE)
            with throwaway.database_of_its_own(cluster, throwaway.DEMO_TEMPLATE) as url:
                render(url, "demo", DEMO, folder)
            with real_database(cluster, arguments.real) as url:
                render(url, "real", REAL, folder)
            for path in sorted(folder.glob("*-1.pdf")):
                drawn_pdf(path, "pdf")
            for path in sorted(folder.glob("*.png")):
                if not path.name.endswith(".look.png"):
                    stem, _, page = path.stem.rpartition("-")
                    path.rename(folder / f"png-{stem}-{int(page):02}.look.png")
            drawn_word(folder)
            drawn_web(folder)
            for form in WRITTEN:
                contact_sheet(folder, form)
    finally:
        keeper.close()


if __name__ == "__main__":
    main()
