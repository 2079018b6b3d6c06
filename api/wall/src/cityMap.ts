/** The small map of the city: outlines fitted into a box, east to the right, with the middle latitude's scale. */
import type { Geometry, Position } from 'geojson'

/** Degrees to px of the box. */
export type Projection = (lon: number, lat: number) => Position

function ringsOf(geometry: Geometry): readonly (readonly Position[])[] {
  if (geometry.type === 'Polygon') return geometry.coordinates
  return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : []
}

/** The largest drawing of all outlines in a box of `width` by `height` px, with a margin; null without outlines. */
export function projectionOf(geometries: readonly Geometry[], width: number, height: number): Projection | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [lon = 0, lat = 0] of geometries.flatMap(ringsOf).flat()) {
    west = Math.min(west, lon)
    east = Math.max(east, lon)
    south = Math.min(south, lat)
    north = Math.max(north, lat)
  }
  if (!(east > west && north > south)) return null
  const squeeze = Math.cos(((south + north) / 2) * (Math.PI / 180))
  const margin = 0.03 * Math.min(width, height)
  const scale = Math.min((width - 2 * margin) / ((east - west) * squeeze), (height - 2 * margin) / (north - south))
  const left = (width - (east - west) * squeeze * scale) / 2
  const top = (height - (north - south) * scale) / 2
  return (lon, lat) => [left + (lon - west) * squeeze * scale, top + (north - lat) * scale]
}

export interface Plate {
  readonly x: number
  readonly y: number
}

/** Plates of one size moved apart until none lies on another, each as little as it can; the same each time. */
export function parted(plates: readonly Plate[], width: number, height: number, rounds = 80): readonly Plate[] {
  const at = plates.map(({ x, y }) => ({ x, y }))
  for (let round = 0; round < rounds; round += 1) {
    let isDone = true
    for (const [first, one] of at.entries()) {
      for (const other of at.slice(first + 1)) {
        const [dx, dy] = [other.x - one.x, other.y - one.y]
        const [overX, overY] = [width - Math.abs(dx), height - Math.abs(dy)]
        if (overX <= 0 || overY <= 0) continue
        isDone = false
        // By the shorter way: plates are wide, so mostly up and down.
        const [moveX, moveY] = overX < overY ? [(overX / 2) * (dx < 0 ? -1 : 1), 0] : [0, (overY / 2) * (dy < 0 ? -1 : 1)]
        one.x -= moveX
        one.y -= moveY
        other.x += moveX
        other.y += moveY
      }
    }
    if (isDone) break
  }
  return at
}

/** An outline as the path of an SVG, to a tenth of a px. */
export function outlinePath(geometry: Geometry, project: Projection): string {
  const point = ([lon = 0, lat = 0]: Position): string => project(lon, lat).map((px) => px.toFixed(1)).join(' ')
  return ringsOf(geometry).map((ring) => `M${ring.map(point).join('L')}Z`).join('')
}
