"""The peer of the wall: a bare page of MapLibre with the very style and tiles, and nothing else."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

from tests.wall.driving import ROOT

__all__ = ["PACKAGE", "PEER", "serve_peer"]

PEER = "/bare-maplibre"
PACKAGE = ROOT / "api/wall/node_modules/maplibre-gl/dist"
"""MapLibre as it was installed."""
_PAGE = f"""<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{PEER}/maplibre-gl.css">
<body><main></main><script type="module" src="{PEER}/page.js"></script>"""
_SCRIPT = """import { Map, setWorkerUrl } from '%(peer)s/maplibre-gl.mjs'
setWorkerUrl('%(peer)s/maplibre-gl-worker.mjs')
const container = document.querySelector('main')
const size = {width: '%(width)spx', height: '%(height)spx'}
Object.assign(container.style, {position: 'absolute', left: '0', top: '0', ...size})
const style = await (await fetch('/style.json?theme=light&lang=zh')).json()
for (const source of Object.values(style.sources)) source.tiles = source.tiles.map((tile) => location.origin + tile)
style.sprite = location.origin + style.sprite
const map = new Map({
  container, style, bounds: %(bounds)s, fitBoundsOptions: {padding: 40}, attributionControl: false, dragRotate: false,
  fadeDuration: 150, localIdeographFontFamily: 'sans-serif',
})
map.once('idle', () => { container.dataset.drawn = 'true' })
"""


def serve_peer(page: Page, bounds: list[float], size: tuple[int, int]) -> None:
    """Answer the peer's page and script below ``PEER``, its map as large as the wall's and opened on the same place."""
    script = _SCRIPT % {"peer": PEER, "bounds": json.dumps(bounds), "width": size[0], "height": size[1]}

    def answer(route: Route) -> None:
        name = urlsplit(route.request.url).path.removeprefix(PEER).strip("/")
        if name == "":
            route.fulfill(body=_PAGE, content_type="text/html")
        elif name == "page.js":
            route.fulfill(body=script, content_type="text/javascript")
        else:
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            route.fulfill(path=PACKAGE / name, content_type=kind)

    page.route(f"**{PEER}**", answer)
    page.route(f"**{PEER}/**", answer)
