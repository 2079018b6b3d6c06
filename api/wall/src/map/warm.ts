/** What layers of nearer zooms are drawn with is prepared while the map rests: prepared in a drag, it would hold that up. */
import type { LayerSpecification, Map as GlMap } from 'maplibre-gl'

const NAME = 'wall-warm'
/** The kinds that a map of a whole province has not drawn yet. */
const KINDS = ['fill', 'line', 'circle'] as const

type Drawn = Extract<LayerSpecification, { type: (typeof KINDS)[number] }>

function isDrawn(layer: LayerSpecification): layer is Drawn {
  return KINDS.some((kind) => kind === layer.type)
}

/** How a value comes about: each way is a program of its own on the graphics card. */
function wayOf(value: unknown): string {
  if (!Array.isArray(value)) return 'constant'
  const text = JSON.stringify(value)
  const isOfFeature = /"(get|feature-state|geometry-type|id|has|properties)"/.test(text)
  return `${isOfFeature ? 'feature' : 'constant'}${text.includes('"zoom"') ? ' zoom' : ''}`
}

/** Layers of the same way are drawn by the same program. */
export function wayOfLayer(layer: Drawn): string {
  const paint = Object.entries({ ...layer.paint }).map(([name, value]) => `${name} ${wayOf(value)}`)
  return [layer.type, ...paint.sort()].join(', ')
}

/** One layer of each way; in `seen` are those that have been prepared, which is added to. */
export function waysOf(layers: readonly LayerSpecification[], seen: Set<string>): readonly Drawn[] {
  return layers.filter(isDrawn).filter((layer) => {
    const way = wayOfLayer(layer)
    if (seen.has(way)) return false
    seen.add(way)
    return true
  })
}

/** A triangle, large enough that no simplification drops it, and a point, in the middle of the view. */
function patch(gl: GlMap): GeoJSON.Feature[] {
  const { lng, lat } = gl.getCenter()
  const edge = (gl.getBounds().getEast() - lng) / 2
  const corners = [[lng, lat], [lng + edge, lat], [lng + edge, lat + edge / 2], [lng, lat]]
  return [
    { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [corners] } },
    { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [lng, lat] } },
  ]
}

/** One way after the other, each when the map has come to rest: below the background, where nobody sees it. */
export function warmUp(gl: GlMap): void {
  const seen = new Set<string>()
  let waiting: Drawn[] | null = null
  const clear = (): void => {
    if (gl.getLayer(NAME)) gl.removeLayer(NAME)
  }
  const step = (): void => {
    waiting ??= [...waysOf(gl.getStyle().layers, seen)]
    clear()
    const next = waiting.shift()
    const lowest = gl.getStyle().layers[0]
    if (!next || !lowest) {
      gl.off('idle', step)
      if (gl.getSource(NAME)) gl.removeSource(NAME)
      return
    }
    if (!gl.getSource(NAME)) gl.addSource(NAME, { type: 'geojson', data: { type: 'FeatureCollection', features: patch(gl) } })
    gl.addLayer({ id: NAME, type: next.type, source: NAME, paint: next.paint } as LayerSpecification, lowest.id)
  }
  gl.on('idle', step)
}
