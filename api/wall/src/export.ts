/** The answer as files: what is on the screen, for other programs and for a spreadsheet. */
import type { FeatureCollection } from 'geojson'

import type { LayerInfo, RiskAnswer, RiskFeature } from './model'

/** A cell that a spreadsheet would take for a formula is told to be text. */
function cell(value: string | number | null): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value ?? ''}` : (value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function rowOf(feature: RiskFeature, layers: ReadonlyMap<string, LayerInfo>, isHelp: boolean): readonly (string | number | null)[] {
  const [lon = null, lat = null] = feature.geometry.type === 'Point' ? feature.geometry.coordinates : []
  const title = layers.get(feature.layer)?.title ?? feature.layer
  const distance = feature.distanceM === null ? null : Math.round(feature.distanceM)
  const bearing = feature.bearingDeg === null ? null : Math.round(feature.bearingDeg)
  const grade = feature.grade === 'none' ? '' : feature.grade
  return [title, feature.name, grade, distance, bearing, lon, lat, feature.dataDate, feature.demo ? 'demo' : '', isHelp ? 'nearest' : '', feature.id]
}

const HEAD = ['layer', 'name', 'grade', 'distance_m', 'bearing_deg', 'lon', 'lat', 'data_date', 'demo', 'nearest', 'id']

/** A table with one feature a line; the mark at its beginning tells spreadsheets that it is UTF-8. */
export function toCsv(answer: RiskAnswer, layers: ReadonlyMap<string, LayerInfo>): string {
  const listed = answer.features.map((feature) => rowOf(feature, layers, false))
  const known = new Set(answer.features.map((feature) => feature.id))
  const help = answer.nearest.flatMap((group) => group.features).filter((feature) => !known.has(feature.id))
  const rows = [HEAD, ...listed, ...help.map((feature) => rowOf(feature, layers, true))]
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** The answer's features as GeoJSON. */
export function toGeoJson(answer: RiskAnswer): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: answer.features.map(({ id, geometry, layer, source, sourceId, name, grade, distanceM, bearingDeg, dataDate, demo }) => ({
      type: 'Feature',
      id,
      geometry,
      properties: {
        layer, source, source_id: sourceId, name, grade: grade === 'none' ? null : grade,
        distance_m: distanceM, bearing_deg: bearingDeg, data_date: dataDate, demo,
      },
    })),
  }
}

/** The name of an answer's file; one that does not hold all that was found says so, since a table has no room for it. */
export function fileName(answer: RiskAnswer, ending: string): string {
  const cut = answer.truncated ? `-nearest-${answer.features.length}` : ''
  return `onemap-${answer.lon.toFixed(4)}-${answer.lat.toFixed(4)}${cut}.${ending}`
}

/** Hands a text to the browser as a file. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => { URL.revokeObjectURL(url) }, 10_000)
}
