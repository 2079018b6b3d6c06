/** The ring that is drawn while the service is still answering. Only a drawing: membership is the service's, by distance. */
import type { Feature, Geometry, Polygon, Position } from 'geojson'

import { isFields } from '../checks'
import type { Bounds, RiskAnswer, RiskFeature } from '../model'

const EARTH_RADIUS_M = 6_371_008.8
const SEGMENTS = 128
const RAD = Math.PI / 180

/** The place `distanceM` from a point in direction `bearingDeg`, on the sphere. */
export function destination(lon: number, lat: number, bearingDeg: number, distanceM: number): Position {
  const angle = distanceM / EARTH_RADIUS_M
  const phi = lat * RAD
  const theta = bearingDeg * RAD
  const sinLat = Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(theta)
  const east = Math.sin(theta) * Math.sin(angle) * Math.cos(phi)
  const north = Math.cos(angle) - Math.sin(phi) * sinLat
  return [lon + Math.atan2(east, north) / RAD, Math.asin(sinLat) / RAD]
}

/** A closed ring of 128 segments, counter-clockwise. */
export function ringAround(lon: number, lat: number, radiusM: number): Feature<Polygon> {
  const corners = Array.from({ length: SEGMENTS }, (_, at) => destination(lon, lat, -(at * 360) / SEGMENTS, radiusM))
  const [first] = corners
  return {
    type: 'Feature',
    properties: { ring_m: radiusM },
    geometry: { type: 'Polygon', coordinates: [first ? [...corners, first] : []] },
  }
}

/** The frame of a ring: west, south, east, north. */
export function ringBounds(lon: number, lat: number, radiusM: number): Bounds {
  const side = (bearing: number): Position => destination(lon, lat, bearing, radiusM)
  return [side(270)[0] ?? lon, side(180)[1] ?? lat, side(90)[0] ?? lon, side(0)[1] ?? lat]
}

/** The world with the ring cut out: what lies outside recedes. */
export function outside(ring: Feature): Feature<Polygon> | null {
  const { geometry } = ring
  const hole =
    geometry.type === 'Polygon' ? geometry.coordinates[0]
    : geometry.type === 'MultiPolygon' ? geometry.coordinates[0]?.[0]
    : geometry.type === 'LineString' ? geometry.coordinates
    : undefined
  if (!hole) return null
  const world: Position[] = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [world, hole] } }
}

function positionsOf(value: unknown): readonly Position[] {
  if (!Array.isArray(value)) return []
  return typeof value[0] === 'number' ? [value as Position] : value.flatMap(positionsOf)
}

/** The frame of a feature; null for one without places. */
export function boundsOf({ geometry }: Feature): Bounds | null {
  const places = geometry.type === 'GeometryCollection' ? [] : positionsOf(geometry.coordinates)
  if (places.length === 0) return null
  const lons = places.map(([lon = 0]) => lon)
  const lats = places.map(([, lat = 0]) => lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

/** The corner of a drawn ring that lies farthest to the north-east, for its label. */
export function cornerOf({ geometry }: Feature): Position | null {
  const places = geometry.type === 'GeometryCollection' ? [] : positionsOf(geometry.coordinates)
  const north = ([lon = 0, lat = 0]: Position): number => lon * 0.57 + lat
  return places.reduce<Position | null>((best, place) => (best === null || north(place) > north(best) ? place : best), null)
}

/** How far a drawn ring reaches, from its properties; null when it does not say. */
export function ringRadius(ring: Feature): number | null {
  const radius: unknown = ring.properties?.ring_m ?? ring.properties?.radius_m
  return typeof radius === 'number' ? radius : null
}

/** The people who live within a drawn ring; null where no grid tells of them. */
export interface RingPeople {
  readonly people: number
  /** Whether the whole ring is known, not a part of it. */
  readonly isWhole: boolean
}

/** From this share of a ring's area on its people are known. */
const WHOLE = 0.999

/** Who lives within a ring, from its properties: what nobody counted is unknown, never 0. */
export function ringPeople(ring: Feature): RingPeople | null {
  const told: unknown = ring.properties?.people
  if (!isFields(told) || typeof told.people !== 'number') return null
  const share = typeof told.known_share === 'number' ? told.known_share : 1
  return share > 0 ? { people: told.people, isWhole: share >= WHOLE } : null
}

/** Any one place of a feature, for a label, a line's end or a flight. */
export function anyPlace(feature: RiskFeature): Position | null {
  return anyPosition(feature.geometry)
}

/** The first corner of a geometry. */
export function anyPosition(geometry: Geometry): Position | null {
  if (geometry.type === 'GeometryCollection') return null
  let place: unknown = geometry.coordinates
  while (Array.isArray(place) && Array.isArray(place[0])) place = place[0]
  return Array.isArray(place) && place.length >= 2 ? (place as Position) : null
}

/** The nearest one of each kind of help, in the answer's order: these get a letter and a line. */
export function firstHelp(answer: RiskAnswer): readonly RiskFeature[] {
  return answer.nearest.flatMap((group) => group.features.slice(0, 1))
}
