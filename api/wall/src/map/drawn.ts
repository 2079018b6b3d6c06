/** What a finished drawing asks: a line or polygon as it is, a circle as its centre and radius, a sector as its bearings. */
import type { Feature, Position } from 'geojson'

import type { Place } from '../model'
import { geodesic } from './geodesy'

export const TOOLS = ['line', 'polygon', 'circle', 'sector', 'measure'] as const
/** A tool that draws. */
export type DrawTool = (typeof TOOLS)[number]
/** `point` asks where the next click is, whatever lies there. */
export type Tool = DrawTool | 'point'

export interface Drawn {
  readonly place: Place
  readonly lon: number
  readonly lat: number
  /** Where the drawing itself says how far. */
  readonly ringsM: readonly number[] | null
}

const rounded = (value: number, digits: number): number => +value.toFixed(digits)

function middle(places: readonly Position[]): Position {
  const sum = places.reduce(([x = 0, y = 0], [lon = 0, lat = 0]) => [x + lon, y + lat], [0, 0])
  return [rounded((sum[0] ?? 0) / places.length, 7), rounded((sum[1] ?? 0) / places.length, 7)]
}

function circle(ring: readonly Position[]): Drawn | null {
  const centre = middle(ring.slice(0, -1))
  const [edge] = ring
  const radiusM = edge ? Math.round(geodesic(centre, edge).distanceM) : 0
  if (radiusM < 1) return null
  return { place: { kind: 'point' }, lon: centre[0] ?? 0, lat: centre[1] ?? 0, ringsM: [radiusM] }
}

/** Whether going clockwise from `from` to `to` one passes `by`. */
function passes(from: number, by: number, to: number): boolean {
  return (by - from + 360) % 360 <= (to - from + 360) % 360
}

function sector(ring: readonly Position[]): Drawn | null {
  const [centre, ...arc] = ring.slice(0, -1)
  const [first, halfway, last] = [arc[0], arc[Math.floor(arc.length / 2)], arc.at(-1)]
  if (!centre || !first || !halfway || !last || arc.length < 3) return null
  const bearing = (place: Position): number => geodesic(centre, place).bearingDeg
  const isClockwise = passes(bearing(first), bearing(halfway), bearing(last))
  const [startDeg, endDeg] = (isClockwise ? [first, last] : [last, first]).map((place) => rounded(bearing(place), 2))
  const radiusM = Math.round(geodesic(centre, halfway).distanceM)
  if (radiusM < 1 || startDeg === undefined || endDeg === undefined) return null
  return { place: { kind: 'sector', startDeg, endDeg }, lon: centre[0] ?? 0, lat: centre[1] ?? 0, ringsM: [radiusM] }
}

function shaped(geometry: Extract<Place, { kind: 'shape' }>['geometry'], places: readonly Position[]): Drawn {
  const [lon = 0, lat = 0] = places[Math.floor(places.length / 2)] ?? []
  return { place: { kind: 'shape', geometry }, lon, lat, ringsM: null }
}

const trimmed = (places: readonly Position[]): Position[] =>
  places.map(([lon = 0, lat = 0]) => [rounded(lon, 6), rounded(lat, 6)])

/** The question in a drawing; null when it is none (a circle of no radius). */
export function drawnOf(tool: DrawTool, { geometry }: Feature): Drawn | null {
  if (geometry.type === 'LineString') {
    const coordinates = trimmed(geometry.coordinates)
    return coordinates.length < 2 ? null : shaped({ type: 'LineString', coordinates }, coordinates)
  }
  if (geometry.type !== 'Polygon') return null
  const ring = geometry.coordinates[0] ?? []
  if (tool === 'circle') return circle(ring)
  if (tool === 'sector') return sector(ring)
  const coordinates = trimmed(ring)
  return coordinates.length < 4 ? null : shaped({ type: 'Polygon', coordinates: [coordinates] }, coordinates)
}
