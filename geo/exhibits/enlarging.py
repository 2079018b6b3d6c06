"""Enlarging finished pages: A1 and A0 are A2 with everything on it larger."""

from __future__ import annotations

import io
import re

import pikepdf

__all__ = ["enlarge_pdf", "enlarge_svg"]

_LENGTH = re.compile(rb'(<svg[^>]*?) width="([\d.]+)pt" height="([\d.]+)pt"')


def enlarge_pdf(pdf: bytes, factor: float) -> bytes:
    """Every page and all on it ``factor`` times as large; links and bookmarks follow."""
    with pikepdf.open(io.BytesIO(pdf)) as read:
        for page in read.pages:
            page.contents_add(f"q {factor:.6f} 0 0 {factor:.6f} 0 0 cm\n".encode(), prepend=True)
            page.contents_add(b"\nQ")
            for name in ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
                if name in page:
                    page[name] = pikepdf.Array([round(float(edge) * factor, 3) for edge in page[name]])
            for each in page.get("/Annots", []):
                if "/Rect" in each:
                    each["/Rect"] = pikepdf.Array([round(float(edge) * factor, 3) for edge in each["/Rect"]])
        for each in read.objects:
            _move_destination(each, factor)
        out = io.BytesIO()
        read.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _move_destination(each: object, factor: float) -> None:
    """``[page /XYZ left top zoom]``: where a bookmark or link leads."""
    if isinstance(each, pikepdf.Array) and len(each) == 5 and each[1] == "/XYZ":
        for at in (2, 3):
            if each[at] is not None:
                each[at] = round(float(each[at]) * factor, 3)


def enlarge_svg(svg: bytes, factor: float) -> bytes:
    """The same drawing with a larger size on paper; its own coordinates stay."""

    def larger(found: re.Match[bytes]) -> bytes:
        width, height = (float(found[n]) * factor for n in (2, 3))
        return found[1] + f' width="{width:.3f}pt" height="{height:.3f}pt"'.encode()

    return _LENGTH.sub(larger, svg, count=1)
