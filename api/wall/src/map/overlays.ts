/** What the wall itself draws over the service's style: scrim, rings, lines to help, and the feature that is pointed at. */
import type { Feature, FeatureCollection, LineString } from 'geojson'
import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'

import { reachOf } from '../model'
import type { Bounds, Question, RiskAnswer, RiskFeature } from '../model'
import type { Answered } from '../state/asking'
import { anyPlace, boundsOf, firstHelp, outside, ringAround, ringBounds } from './rings'
import { filterOf, layerNameOf, visibilityOf } from './style'
import type { Shown } from './style'

export const OVERLAY = { scrim: 'wall-scrim', asked: 'wall-asked', rings: 'wall-rings', help: 'wall-help', pointed: 'wall-pointed' } as const
export type OverlayName = keyof typeof OVERLAY
export type OverlayData = Readonly<Record<OverlayName, FeatureCollection>>

/** Colours of the overlays, from the theme's tokens. */
export interface OverlayInk {
  readonly ring: string
  readonly scrim: string
  readonly accent: string
  readonly halo: string
}

function collection(features: readonly Feature[]): FeatureCollection {
  return { type: 'FeatureCollection', features: [...features] }
}

function helpLine(answer: RiskAnswer, help: RiskFeature): Feature<LineString> | null {
  const end = anyPlace(help)
  if (!end) return null
  const coordinates = [[answer.lon, answer.lat], end]
  return { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } }
}

/** The drawing of a question: the service's rings once they are there, until then our own. */
export function overlayData(
  question: Question | null,
  answer: Answered | null,
  pointed: Feature | null,
  measured: Feature | null = null,
): OverlayData {
  const measures = measured ? [measured] : []
  const marked = collection(pointed ? [pointed] : [])
  if (!question) return { scrim: collection([]), asked: collection(measures), rings: collection([]), help: collection([]), pointed: marked }
  const settled = answer?.question === question ? answer : null
  const own = ownRings(question)
  const rings = settled && settled.rings.length > 0 ? settled.rings : own
  const widest = rings.at(-1)
  const dark = widest ? outside(widest) : null
  const lines = settled ? firstHelp(settled).map((help) => helpLine(settled, help)) : []
  return {
    scrim: collection(dark ? [dark] : []),
    asked: collection([...measures, ...askedShape(question)]),
    rings: collection(rings),
    help: collection(lines.filter((line) => line !== null)),
    pointed: marked,
  }
}

function askedShape({ place }: Question): readonly Feature[] {
  return place.kind === 'shape' ? [{ type: 'Feature', properties: {}, geometry: place.geometry }] : []
}

/** Rings that the page can draw by itself: around a point. Others come with the answer. */
function ownRings({ place, lon, lat, ringsM }: Question): readonly Feature[] {
  if (place.kind !== 'point' && place.kind !== 'feature') return []
  return ringsM.map((radiusM) => ringAround(lon, lat, radiusM))
}

/** How far the map must reach to show a question whole, from its place: shapes are framed when their rings have come. */
export function frameOf(question: Question, answer: Answered | null): Bounds {
  const widest = answer?.question === question ? answer.rings.at(-1) : undefined
  const found = widest && boundsOf(widest)
  return found ?? ringBounds(question.lon, question.lat, Math.max(reachOf(question), 500))
}

function below(ink: OverlayInk): LayerSpecification[] {
  return [{ id: 'wall-scrim', type: 'fill', source: OVERLAY.scrim, paint: { 'fill-color': ink.scrim } }]
}

function above(ink: OverlayInk): LayerSpecification[] {
  const line = { 'line-cap': 'round', 'line-join': 'round' } as const
  return [
    { id: 'wall-rings', type: 'line', source: OVERLAY.rings, layout: line, paint: { 'line-color': ink.ring, 'line-width': 1.5 } },
    {
      id: 'wall-asked-area', type: 'fill', source: OVERLAY.asked, filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': ink.ring, 'fill-opacity': 0.08 },
    },
    {
      id: 'wall-asked', type: 'line', source: OVERLAY.asked, layout: line,
      paint: { 'line-color': ink.ring, 'line-width': 3 },
    },
    {
      id: 'wall-help', type: 'line', source: OVERLAY.help, layout: line,
      paint: { 'line-color': ink.accent, 'line-width': 2, 'line-dasharray': [2, 2] },
    },
    {
      id: 'wall-pointed-halo', type: 'line', source: OVERLAY.pointed, filter: ['!=', ['geometry-type'], 'Point'],
      layout: line, paint: { 'line-color': ink.halo, 'line-width': 6 },
    },
    {
      id: 'wall-pointed-line', type: 'line', source: OVERLAY.pointed, filter: ['!=', ['geometry-type'], 'Point'],
      layout: line, paint: { 'line-color': ink.ring, 'line-width': 2.5 },
    },
    {
      id: 'wall-pointed-point', type: 'circle', source: OVERLAY.pointed, filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 20, 'circle-color': ink.halo, 'circle-opacity': 0.25,
        'circle-stroke-color': ink.ring, 'circle-stroke-width': 2.5,
      },
    },
  ]
}

/** One layer of the service as this page shows it now. */
function dressed(layer: LayerSpecification, shown: Shown): LayerSpecification {
  const filter = filterOf(layer, shown)
  const layout = { ...layer.layout, visibility: visibilityOf(layer, shown) }
  return { ...layer, layout, ...(filter === null ? {} : { filter }) }
}

/** The whole style: the service's layers as selected, the scrim under the first that is no ground, the rest on top. */
export function composeStyle(
  base: StyleSpecification,
  ground: ReadonlySet<string>,
  shown: Shown,
  data: OverlayData,
  ink: OverlayInk,
): StyleSpecification {
  const layers = base.layers.map((layer) => dressed(layer, shown))
  const first = layers.findIndex((layer) => {
    const name = layerNameOf(layer)
    return name !== null && !ground.has(name)
  })
  const at = first < 0 ? layers.length : first
  const sources: Record<string, SourceSpecification> = { ...base.sources }
  for (const name of Object.keys(OVERLAY) as OverlayName[]) {
    sources[OVERLAY[name]] = { type: 'geojson', data: data[name] }
  }
  return { ...base, sources, layers: [...layers.slice(0, at), ...below(ink), ...layers.slice(at), ...above(ink)] }
}
