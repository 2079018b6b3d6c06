/** A question as the service's own parameters: a point by GET, anything else by POST. */
import { ringBounds } from './map/rings'
import { reachOf } from './model'
import type { Question } from './model'

type Parameters = Readonly<Record<string, string | number>>

/** The parameters of `GET /risk`. */
export function riskParameters({ lon, lat, ringsM }: Question): Parameters {
  return { lon, lat, radius_m: ringsM.join(',') }
}

/** The body of `POST /risk`; null for a point, which is asked by address. */
export function riskBody({ place, lon, lat, ringsM }: Question): object | null {
  const radii = { radius_m: ringsM }
  switch (place.kind) {
    case 'point':
      return null
    case 'shape':
      return { ...radii, geometry: place.geometry }
    case 'sector':
      return { ...radii, sector: { lon, lat, start_deg: place.startDeg, end_deg: place.endDeg } }
    case 'feature':
      return { ...radii, feature: place.id }
    case 'division':
      return { ...radii, in_division: place.code }
  }
}

/** The parameters of `GET /maps/image`: the rings in their frame, with some air. */
export function pictureParameters(question: Question): Parameters {
  const { lon, lat, ringsM, place } = question
  const frame = ringBounds(lon, lat, Math.max(reachOf(question), 500) * 1.15).map((side) => side.toFixed(6)).join(',')
  const rings = place.kind === 'point' && ringsM.every((ringM) => ringM > 0)
  return { bbox: frame, size: '1600x1100', ...(rings ? riskParameters(question) : {}) }
}
