/** Listens to the map: clicks, pointer, moves, and what goes wrong with its tiles. */
import type { Map as GlMap, MapMouseEvent } from 'maplibre-gl'

import type { Bounds } from '../model'
import type { MapEvents, Touched } from './controller'
import type { Tool } from './drawn'

/** Flights are short, and only on request; MapLibre itself drops them where reduced motion is asked for. */
export const FLIGHT_MS = 700

/** While the map moves, figures and address follow it in such steps; the map itself does not wait for them. */
const BETWEEN_MS = 200

/** A plate opens: the map goes to its cell, one zoom nearer at least. */
function open(gl: GlMap, [west, south, east, north]: Bounds): void {
  const camera = gl.cameraForBounds([west, south, east, north], { padding: 60 })
  const zoom = Math.min(Math.max(camera?.zoom ?? 0, gl.getZoom() + 1), 15)
  gl.easeTo({ center: [(west + east) / 2, (south + north) / 2], zoom, duration: FLIGHT_MS })
}

/** What a click means: while a tool draws nothing; with the asking tool always a question; else what lies there. */
function clicked(gl: GlMap, events: MapEvents, tool: Tool | null, touched: Touched | null, event: MapMouseEvent): void {
  const { lng, lat } = event.lngLat
  if (tool === 'point') events.asked(lng, lat)
  else if (touched?.cell) {
    if (event.originalEvent.shiftKey) events.listed(touched.cell)
    else open(gl, touched.cell.bounds)
  } else if (touched?.feature.geometry.type === 'Point') events.chosen(touched, lng, lat)
  // An area lies under much that is asked: only its mark is a button.
  else events.asked(lng, lat)
}

/** What is in hand when the map is touched. */
export interface Hands {
  readonly pick: (event: MapMouseEvent) => Touched | null
  readonly isDrawing: () => boolean
  readonly tool: () => Tool | null
}

/** Where the map is, told at once when it begins to move, then not with every picture, and when it has come to rest. */
function followMoves(gl: GlMap, events: MapEvents): void {
  let resting: ReturnType<typeof setTimeout> | undefined
  const report = (): void => {
    const { lng, lat } = gl.getCenter()
    const zoom = gl.getZoom()
    const metresPerPx = (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** zoom)
    const shown = gl.getBounds()
    events.moved({ lon: lng, lat, zoom }, metresPerPx, [shown.getWest(), shown.getSouth(), shown.getEast(), shown.getNorth()])
  }
  gl.on('move', () => {
    if (resting !== undefined) return
    resting = setTimeout(() => { resting = undefined }, BETWEEN_MS)
    report()
  })
  gl.on('moveend', () => {
    clearTimeout(resting)
    resting = undefined
    report()
  })
  gl.on('load', report)
}

/** What happens on the map, told as the wall's events. */
export function listen(gl: GlMap, events: MapEvents, { pick, isDrawing, tool }: Hands): void {
  let troubled = false
  let frame = 0
  followMoves(gl, events)
  gl.on('click', (event) => {
    if (isDrawing()) return
    clicked(gl, events, tool(), pick(event), event)
  })
  // A right click, or a long press: asks here, marks or not.
  gl.on('contextmenu', (event) => {
    event.preventDefault()
    if (!isDrawing()) events.asked(event.lngLat.lng, event.lngLat.lat)
  })
  gl.on('mousemove', (event) => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(() => {
      events.pointer(event.lngLat.lng, event.lngLat.lat)
      // What is dragged is the map: what passes below the pointer is not asked for.
      events.touched(isDrawing() || gl.isMoving() ? null : pick(event))
    })
  })
  gl.on('mouseout', () => {
    cancelAnimationFrame(frame)
    events.touched(null)
  })
  gl.on('error', (event) => {
    troubled = true
    console.warn('map:', event.error.message)
    events.trouble(true)
  })
  gl.on('dataloading', () => {
    troubled = false
  })
  gl.on('idle', () => {
    if (!troubled) events.trouble(false)
    events.idle()
  })
}
