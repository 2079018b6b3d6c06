/** How opaque layers are drawn: the style's own opacity, times what was chosen for the layer. */
import type { LayerSpecification, Map as GlMap, StyleSpecification } from 'maplibre-gl'

import { rasterKey, rasterOf } from './rasters'
import { layerNameOf } from './style'

const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  symbol: ['icon-opacity', 'text-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  line: ['line-opacity'],
  fill: ['fill-opacity'],
  raster: ['raster-opacity'],
  heatmap: ['heatmap-opacity'],
  'fill-extrusion': ['fill-extrusion-opacity'],
}

/** `value` times `share`; an expression over the zoom must stay outermost, so each of its results is multiplied. */
export function times(value: unknown, share: number): unknown {
  if (value === undefined || value === null) return share
  if (typeof value === 'number') return value * share
  if (!Array.isArray(value)) return share
  const parts: readonly unknown[] = value
  const isZoom = (part: unknown): boolean => JSON.stringify(part) === '["zoom"]'
  if (parts[0] === 'interpolate' && isZoom(parts[2])) return parts.map((part, at) => (at >= 4 && at % 2 === 0 ? times(part, share) : part))
  if (parts[0] === 'step' && isZoom(parts[1])) return parts.map((part, at) => (at >= 2 && at % 2 === 0 ? times(part, share) : part))
  return ['*', value, share]
}

/** The name under which a layer's opacity is kept. */
function keyOf(layer: LayerSpecification): string {
  const raster = rasterOf(layer)
  return raster === null ? (layerNameOf(layer) ?? '') : rasterKey(raster)
}

/** The paint properties of a layer at `share` of its own opacity. */
export function fadedPaint(layer: LayerSpecification, share: number): readonly (readonly [string, unknown])[] {
  const paint: Readonly<Record<string, unknown>> = { ...layer.paint }
  return (PROPERTIES[layer.type] ?? []).map((name) => [name, share >= 1 ? paint[name] : times(paint[name], share)] as const)
}

export interface Fading {
  /** A style in which every layer is as opaque as was chosen. */
  style(style: StyleSpecification, opacity: ReadonlyMap<string, number>): StyleSpecification
  /** Draws each layer as opaque as was chosen; those that were faded before and are no more as the style says. */
  apply(layers: readonly LayerSpecification[], opacity: ReadonlyMap<string, number>): void
}

export function createFading(gl: GlMap): Fading {
  const faded = new Set<string>()
  const style: Fading['style'] = (whole, opacity) => {
    faded.clear()
    const layers = whole.layers.map((layer) => {
      const share = opacity.get(keyOf(layer)) ?? 1
      if (share >= 1) return layer
      faded.add(layer.id)
      return { ...layer, paint: { ...layer.paint, ...Object.fromEntries(fadedPaint(layer, share)) } } as LayerSpecification
    })
    return { ...whole, layers }
  }
  const apply: Fading['apply'] = (layers, opacity) => {
    for (const layer of layers) {
      const share = opacity.get(keyOf(layer)) ?? 1
      if ((share >= 1 && !faded.has(layer.id)) || !gl.getLayer(layer.id)) continue
      for (const [name, value] of fadedPaint(layer, share)) gl.setPaintProperty(layer.id, name as 'icon-opacity', value as number)
      if (share < 1) faded.add(layer.id)
      else faded.delete(layer.id)
    }
  }
  return { style, apply }
}
