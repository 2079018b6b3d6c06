/** Lengths and areas on the GRS 80 ellipsoid, for drawing and measuring; what lies within is the service's to say. */
import type { Position } from 'geojson'

const A_M = 6_378_137
const F = 1 / 298.257222101
const B_M = A_M * (1 - F)
const E2 = F * (2 - F)
const RAD = Math.PI / 180

export interface Geodesic {
  readonly distanceM: number
  /** Clockwise from north, 0 to 360. */
  readonly bearingDeg: number
}

/** Vincenty's inverse formula: a tenth of a millimetre, but for nearly antipodal places, which no map of a county has. */
export function geodesic([lon1 = 0, lat1 = 0]: Position, [lon2 = 0, lat2 = 0]: Position): Geodesic {
  const reduced = (lat: number): number => Math.atan((1 - F) * Math.tan(lat * RAD))
  const [u1, u2] = [reduced(lat1), reduced(lat2)]
  const [sinU1, cosU1, sinU2, cosU2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)]
  const span = (lon2 - lon1) * RAD
  let lambda = span
  for (let round = 0; round < 200; round += 1) {
    const [sin, cos] = [Math.sin(lambda), Math.cos(lambda)]
    const east = cosU2 * sin
    const north = cosU1 * sinU2 - sinU1 * cosU2 * cos
    const sinSigma = Math.hypot(east, north)
    if (sinSigma === 0) return { distanceM: 0, bearingDeg: 0 }
    const cosSigma = sinU1 * sinU2 + cosU1 * cosU2 * cos
    const sigma = Math.atan2(sinSigma, cosSigma)
    const sinAlpha = (cosU1 * cosU2 * sin) / sinSigma
    const cos2Alpha = 1 - sinAlpha ** 2
    const cosM = cos2Alpha === 0 ? 0 : cosSigma - (2 * sinU1 * sinU2) / cos2Alpha
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha))
    const before = lambda
    lambda = span + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cosM + c * cosSigma * (2 * cosM ** 2 - 1)))
    if (Math.abs(lambda - before) > 1e-12) continue
    const k = (cos2Alpha * (A_M ** 2 - B_M ** 2)) / B_M ** 2
    const a = 1 + (k / 16384) * (4096 + k * (-768 + k * (320 - 175 * k)))
    const b = (k / 1024) * (256 + k * (-128 + k * (74 - 47 * k)))
    const last = (b / 6) * cosM * (4 * sinSigma ** 2 - 3) * (4 * cosM ** 2 - 3)
    const delta = b * sinSigma * (cosM + (b / 4) * (cosSigma * (2 * cosM ** 2 - 1) - last))
    return { distanceM: B_M * a * (sigma - delta), bearingDeg: (Math.atan2(east, north) / RAD + 360) % 360 }
  }
  return { distanceM: NaN, bearingDeg: NaN }
}

/** The length of a line in metres. */
export function lengthM(line: readonly Position[]): number {
  return line.slice(1).reduce((sum, place, at) => sum + geodesic(line[at] ?? place, place).distanceM, 0)
}

/** Authalic latitude: on the sphere of this latitude areas are those of the ellipsoid. */
function qOf(lat: number): number {
  const e = Math.sqrt(E2)
  const sin = Math.sin(lat * RAD)
  return (1 - E2) * (sin / (1 - E2 * sin ** 2) - Math.log((1 - e * sin) / (1 + e * sin)) / (2 * e))
}

/** The area of a ring in square metres, edges straight in longitude and authalic latitude (short edges: no difference). */
export function areaM2(ring: readonly Position[]): number {
  const twice = ring.reduce((sum, [lon = 0, lat = 0], at) => {
    const [nextLon = 0, nextLat = 0] = ring[(at + 1) % ring.length] ?? [lon, lat]
    return sum + (nextLon - lon) * RAD * (qOf(lat) + qOf(nextLat))
  }, 0)
  return Math.abs(twice) * (A_M ** 2) / 4
}
