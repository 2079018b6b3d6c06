/** The map on paper: the address of the service's light picture of a frame, and what the wall draws over it, as an SVG. */
import type { Feature, Geometry, Position } from 'geojson'

import type { Bounds, Grade, Lang } from '../model'
import type { OverlayData } from './overlays'

/** Points of a picture for each px of the screen: a printer has more of them; the service's pictures have a longest edge. */
const FINE = 2
const LONGEST_PX = 4000

/** What a picture shows beside the divisions. */
export interface Pictured {
  readonly layers: readonly string[]
  readonly grades: readonly Grade[]
  readonly rasters: readonly string[]
  readonly hillshade: boolean
}

/** The light picture of a frame as large as the map, without legend and strip: the sheet has its own. */
export function framePicture(frame: Bounds, width: number, height: number, shown: Pictured, lang: Lang): string {
  const scale = Math.min(FINE, LONGEST_PX / Math.max(width, height))
  const parameters = new URLSearchParams({
    bbox: frame.map((side) => side.toFixed(6)).join(','), size: `${width}x${height}`, scale: scale.toFixed(2), theme: 'light', lang,
    legend: 'false', strip: 'false', layers: shown.layers.join(','), grades: shown.grades.join(','),
    ...(shown.rasters.length > 0 ? { rasters: shown.rasters.join(',') } : {}), ...(shown.hillshade ? { hillshade: 'true' } : {}),
  })
  return `maps/image.png?${parameters.toString()}`
}

type Project = (place: Position) => Position

function linesOf(geometry: Geometry): readonly (readonly Position[])[] {
  switch (geometry.type) {
    case 'LineString': return [geometry.coordinates]
    case 'MultiLineString':
    case 'Polygon': return geometry.coordinates
    case 'MultiPolygon': return geometry.coordinates.flat()
    default: return []
  }
}

function pathOf(features: readonly Feature[], project: Project): string {
  const point = (place: Position): string => project(place).map((px) => px.toFixed(1)).join(' ')
  return features.flatMap(({ geometry }) => linesOf(geometry)).map((line) => `M${line.map(point).join('L')}`).join('')
}

/** Rings, asked shape and lines to help as the paths of an SVG in px of the map. */
export function overlayPaths({ rings, asked, help }: OverlayData, project: Project): { readonly rings: string; readonly asked: string; readonly help: string } {
  return { rings: pathOf(rings.features, project), asked: pathOf(asked.features, project), help: pathOf(help.features, project) }
}
