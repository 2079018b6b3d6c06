"""PDF: the same bytes for the same map."""

from __future__ import annotations

import io
import re
import zlib

import pikepdf

__all__ = ["saved", "without_flicker"]

_DECIMAL = re.compile(rb"(?<![\w.])-?\d*\.\d{4,}(?![\w.])")
"""What flickers has more than three places. Most numbers of a panel have three, and are left as they are."""
_DEFLATE = 4
"""A panel is compressed again here: at half the time of zlib's own choice it is 4% larger."""


def _shorter(found: re.Match[bytes]) -> bytes:
    text = f"{float(found[0]):.3f}".rstrip("0").rstrip(".")
    return b"0" if text in ("-0", "") else text.encode()


def without_flicker(panel: bytes) -> bytes:
    """A panel of Mapnik's without its date, with decimals at three places: text sizes differ by 1e-6 per run."""
    with pikepdf.open(io.BytesIO(panel)) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        contents = [stream for page in pdf.pages for stream in _contents(page)]
        forms = [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Form"]
        for stream in [*contents, *forms]:
            steady = _DECIMAL.sub(_shorter, stream.read_bytes())
            stream.write(zlib.compress(steady, _DEFLATE), filter=pikepdf.Name.FlateDecode)
        return saved(pdf)


def _contents(page: pikepdf.Page) -> list[pikepdf.Stream]:
    contents = page.obj.get("/Contents")
    if contents is None:
        return []
    each_of = [contents] if isinstance(contents, pikepdf.Stream) else list(contents)
    return [each for each in each_of if isinstance(each, pikepdf.Stream)]


def saved(pdf: pikepdf.Pdf) -> bytes:
    """The document's bytes, with an identifier made of what is in it."""
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()
