/** What is asked around, in a link: a shape by its corners, a sector by its bearings, a feature or division by its id. */
import type { Position } from 'geojson'

import type { Place } from '../model'

/** A link is no file: a shape with more corners is asked, but not kept in the address. */
const MOST_CORNERS = 200

function corner(text: string): Position | null {
  const [lon, lat, more] = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
  if (lon === undefined || lat === undefined || more !== undefined) return null
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null
}

function corners(value: string | null): readonly Position[] {
  const read = (value ?? '').split(';').map(corner)
  const found = read.filter((each) => each !== null)
  return found.length === read.length && found.length <= MOST_CORNERS ? found : []
}

function sector(value: string | null): Place | null {
  const [startDeg, endDeg] = (value ?? '').split(',').map((part) => (part === '' ? NaN : Number(part)))
  if (startDeg === undefined || endDeg === undefined) return null
  return Math.abs(startDeg) <= 360 && Math.abs(endDeg) <= 360 ? { kind: 'sector', startDeg, endDeg } : null
}

/** The place that a link names; null for the plain point, and for what makes no sense. */
export function parsePlace(parameters: URLSearchParams): Place | null {
  const line = corners(parameters.get('line'))
  if (line.length >= 2) return { kind: 'shape', geometry: { type: 'LineString', coordinates: [...line] } }
  const ring = corners(parameters.get('area'))
  const [first] = ring
  if (first && ring.length >= 3) return { kind: 'shape', geometry: { type: 'Polygon', coordinates: [[...ring, first]] } }
  const bearings = sector(parameters.get('sector'))
  if (bearings) return bearings
  const id = parameters.get('feature') ?? ''
  if (/^[a-z0-9_]+\/[^/]+\/.+$/.test(id)) return { kind: 'feature', id }
  const code = parameters.get('division') ?? ''
  return /^\d{2,12}$/.test(code) ? { kind: 'division', code } : null
}

const cornerText = (position: Position): string => position.slice(0, 2).map((degree) => +degree.toFixed(6)).join(',')

/** The part of a link that names a place; empty for the plain point. */
export function formatPlace(place: Place): string {
  switch (place.kind) {
    case 'point':
      return ''
    case 'shape': {
      const { geometry } = place
      const open = geometry.type === 'LineString' ? geometry.coordinates : (geometry.coordinates[0] ?? []).slice(0, -1)
      if (open.length > MOST_CORNERS) return ''
      return `${geometry.type === 'LineString' ? 'line' : 'area'}=${open.map(cornerText).join(';')}`
    }
    case 'sector':
      return `sector=${+place.startDeg.toFixed(2)},${+place.endDeg.toFixed(2)}`
    case 'feature':
      return `feature=${encodeURIComponent(place.id).replaceAll('%2F', '/')}`
    case 'division':
      return `division=${place.code}`
  }
}
