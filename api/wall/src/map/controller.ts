/** The one owner of the MapLibre map: everything that is drawn goes in here, everything that is touched comes out. */
import type { Feature } from 'geojson'
import {
  GPUInitializationError, GeoJSONSource, Map as GlMap, VectorTileSource, prewarm, setWorkerUrl,
} from 'maplibre-gl'
import type { MapGeoJSONFeature, MapMouseEvent, PointLike, StyleSpecification } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'

import type { Bounds } from '../model'
import type { MapView } from '../state/url'
import { cellOf, createPlates, drawsCells, plated } from './clusters'
import type { Cell } from './clusters'
import { createDrawing } from './draw'
import type { DrawInk } from './draw'
import type { DrawTool, Tool } from './drawn'
import { createFading } from './opacity'
import { FLIGHT_MS, listen } from './listening'
import type { Hands } from './listening'
import { OVERLAY, composeStyle, overlayData } from './overlays'
import type { OverlayData, OverlayInk, OverlayName } from './overlays'
import { absoluteStyle, filterOf, graded, layerNameOf, retiled, visibilityOf } from './style'
import type { Shown } from './style'
import { warmUp } from './warm'

setWorkerUrl(workerUrl)

/** Starts what reads the tiles, beside the page: it takes as long as everything before the first map. */
export const warmMap = prewarm

/** Longer than the pause within a double click. */
const AFTER_DRAWING_MS = 400
/** How far beside a symbol the pointer may be, px. */
const REACH_PX = 5
/** The service's own style, which its tests check: reading all of it again would hold the first map up. */
const TRUSTED = { validate: false } as const
const NOTHING_FADED: ReadonlyMap<string, number> = new Map()

/** A feature of a tile under the pointer. */
export interface Touched {
  readonly id: string
  readonly layer: string
  readonly name: string
  readonly grade: string
  readonly x: number
  readonly y: number
  readonly feature: Feature
  /** What a plate counts, where it is one. */
  readonly cell: Cell | null
}

export interface MapEvents {
  asked(lon: number, lat: number): void
  /** A symbol was clicked, at this place. */
  chosen(what: Touched, lon: number, lat: number): void
  touched(what: Touched | null): void
  /** What a plate counts is to be listed. */
  listed(cell: Cell): void
  pointer(lon: number, lat: number): void
  moved(view: MapView, metresPerPx: number, frame: Bounds): void
  /** Tiles or the sprite did not come; `false` once everything that is in view is drawn again. */
  trouble(isTrouble: boolean): void
  idle(): void
  drawn(tool: DrawTool, feature: Feature): void
  drawing(tool: DrawTool, feature: Feature): void
  drawingCancelled(): void
}

export interface MapController {
  readonly gl: GlMap
  setStyle(style: StyleSpecification, ground: ReadonlySet<string>, ink: OverlayInk): void
  /** The same style with newer tiles: they replace the old ones as they come, without a flash. False: it is another style. */
  setTiles(style: StyleSpecification): boolean
  show(shown: Shown): void
  draw(data: OverlayData): void
  frame(bounds: Bounds): void
  /** Takes up a drawing tool; null puts it down. Clicks ask nothing meanwhile. */
  readonly take: (tool: Tool | null, ink: DrawInk) => void
  flyTo(lon: number, lat: number): void
  /** To the very view of a link. */
  jump(view: MapView): void
  /** What is drawn now, as an address of a picture: a printer gets an empty canvas. */
  picture(): string
  /** Asks again for the tiles that did not come. */
  retry(): void
  destroy(): void
}

export interface MapOptions {
  readonly view: MapView | null
  readonly bounds: Bounds | null
  /** The map's own name and help, read out by screen readers. */
  readonly label: string
}

/** No WebGL on this machine: the panels still work, and the wall says why there is no picture. */
export class NoWebGl extends Error {}

/** The ground (divisions) is looked at, not touched. */
function isTouchable(name: string | null, ground: ReadonlySet<string>): boolean {
  return name !== null && !ground.has(name)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function touchedOf(hit: MapGeoJSONFeature, x: number, y: number): Touched | null {
  const { properties } = hit
  const feature: Feature = { type: 'Feature', properties: {}, geometry: hit.geometry }
  const cell = hit.sourceLayer === 'cells' ? cellOf(properties) : null
  if (cell) return { id: `cells/${cell.bounds.join()}`, layer: 'cells', name: '', grade: textOf(properties.grade), x, y, feature, cell }
  const layer = hit.sourceLayer === 'cells' ? textOf(properties.layer) : (hit.sourceLayer ?? '')
  const source = textOf(properties.source)
  const sourceId = textOf(properties.source_id)
  if (layer === '' || sourceId === '') return null
  const name = textOf(properties.name) || sourceId
  return { id: `${layer}/${source}/${sourceId}`, layer, name, grade: textOf(properties.grade), x, y, feature, cell: null }
}

function createGl(container: HTMLElement, { view, bounds, label }: MapOptions): GlMap {
  try {
    const gl = new GlMap({
      container,
      ...(view ? { center: [view.lon, view.lat], zoom: view.zoom } : {}),
      ...(!view && bounds ? { bounds: [...bounds], fitBoundsOptions: { padding: 40 } } : {}),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      // Shift is for plates, whose list it opens: a box would swallow that click.
      boxZoom: false,
      maxZoom: 19,
      fadeDuration: 150,
      localIdeographFontFamily: getComputedStyle(container).fontFamily,
      locale: { 'Map.Title': label },
    })
    gl.touchZoomRotate.disableRotation()
    gl.keyboard.disableRotation()
    return gl
  } catch (reason) {
    if (reason instanceof GPUInitializationError) throw new NoWebGl(reason.message)
    throw reason
  }
}

/** Tools of drawing. The clicks that end a drawing still reach the map: for a moment they must neither ask nor zoom. */
function drawingOn(gl: GlMap, events: MapEvents): Pick<Hands, 'isDrawing' | 'tool'> & Pick<MapController, 'take'> {
  let isBusy = false
  let held: Tool | null = null
  let quiet: ReturnType<typeof setTimeout> | undefined
  const drawing = createDrawing(gl, {
    drawn: (tool, feature) => { events.drawn(tool, feature) },
    drawing: (tool, feature) => { events.drawing(tool, feature) },
    cancelled: () => { events.drawingCancelled() },
  })
  return {
    isDrawing: () => isBusy,
    tool: () => held,
    take(next, ink) {
      clearTimeout(quiet)
      held = next
      if (next !== null && next !== 'point') {
        isBusy = true
        gl.doubleClickZoom.disable()
        void drawing.begin(next, ink)
        return
      }
      drawing.cancel()
      quiet = setTimeout(() => {
        isBusy = false
        gl.doubleClickZoom.enable()
      }, AFTER_DRAWING_MS)
    },
  }
}

/** Gives the sources their newer tiles. */
function retile(gl: GlMap, moved: ReadonlyMap<string, readonly string[]>): void {
  for (const [name, tiles] of moved) {
    const source = gl.getSource(name)
    if (source instanceof VectorTileSource) source.setTiles([...tiles])
  }
}

/** What of the touchable layers lies at a place of the window. */
function picker(gl: GlMap, touchable: () => readonly string[]): (event: MapMouseEvent) => Touched | null {
  return ({ point: { x, y } }) => {
    const box: [PointLike, PointLike] = [[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]]
    const layers = touchable().filter((id) => gl.getLayer(id))
    const hits = layers.length > 0 ? gl.queryRenderedFeatures(box, { layers }) : []
    return hits.map((hit) => touchedOf(hit, x, y)).find((touched) => touched !== null) ?? null
  }
}

/** Drawn and taken in one turn: afterwards the browser may have cleared the canvas. */
function pictureOf(gl: GlMap): string {
  gl.redraw()
  return gl.getCanvas().toDataURL('image/png')
}

function flightsOf(gl: GlMap): Pick<MapController, 'frame' | 'flyTo' | 'jump'> {
  return {
    frame: ([west, south, east, north]) => {
      gl.fitBounds([west, south, east, north], { padding: 48, duration: FLIGHT_MS, maxZoom: 16 })
    },
    flyTo: (lon, lat) => {
      gl.easeTo({ center: [lon, lat], zoom: Math.max(gl.getZoom(), 13), duration: FLIGHT_MS })
    },
    jump: ({ lon, lat, zoom }) => {
      gl.easeTo({ center: [lon, lat], zoom, duration: FLIGHT_MS })
    },
  }
}

/** Makes the map in `container`; throws NoWebGl where it cannot be drawn. */
export function createMap(container: HTMLElement, options: MapOptions, events: MapEvents): MapController {
  const gl = createGl(container, options)
  let base: StyleSpecification = { version: 8, sources: {}, layers: [] }
  let touchable: string[] = []
  let shown: Shown = { hidden: new Set(), without: new Set(), riskLayers: new Set() }
  let data = overlayData(null, null, null)

  createPlates(gl, () => base)
  warmUp(gl)
  const tools = drawingOn(gl, events)
  const fading = createFading(gl)
  listen(gl, events, { pick: picker(gl, () => touchable), ...tools })
  return {
    gl,
    setStyle(style, ground, ink) {
      base = plated(absoluteStyle(style, new URL(document.baseURI)))
      touchable = base.layers.filter((layer) => drawsCells(layer) || isTouchable(layerNameOf(layer), ground)).map(({ id }) => id)
      gl.setStyle(fading.style(composeStyle(graded(base, shown), ground, shown, data, ink), shown.opacity ?? NOTHING_FADED), TRUSTED)
    },
    setTiles(style) {
      const next = plated(absoluteStyle(style, new URL(document.baseURI)))
      const moved = retiled(graded(base, shown), graded(next, shown))
      if (moved === null) return false
      base = next
      retile(gl, moved)
      return true
    },
    show(next) {
      const before = graded(base, shown)
      shown = next
      retile(gl, retiled(before, graded(base, shown)) ?? new Map())
      for (const layer of base.layers.filter(({ id }) => gl.getLayer(id))) {
        gl.setLayoutProperty(layer.id, 'visibility', visibilityOf(layer, shown), TRUSTED)
        if (layer.type !== 'background') gl.setFilter(layer.id, filterOf(layer, shown), TRUSTED)
      }
      fading.apply(base.layers, shown.opacity ?? NOTHING_FADED)
    },
    draw(next) {
      data = next
      for (const name of Object.keys(OVERLAY) as OverlayName[]) {
        const source = gl.getSource(OVERLAY[name])
        if (source instanceof GeoJSONSource) void source.setData(data[name])
      }
    },
    take: tools.take,
    ...flightsOf(gl),
    picture: () => pictureOf(gl),
    retry() {
      for (const [name, source] of Object.entries(base.sources)) {
        if (source.type === 'vector' || source.type === 'raster') gl.refreshTiles(name)
      }
    },
    destroy: () => {
      gl.remove()
    },
  }
}
