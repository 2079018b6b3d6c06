/** Answers of the service, checked: what has not the promised shape is an error with its path, never a blank on the wall. */
import type { Feature, Geometry } from 'geojson'

import { GRADES, SHAPES } from './model'
import type {
  Bounds, Catalogue, Counts, Division, Grade, LayerInfo, LegendEntry, LegendItem, NearestGroup, RiskAnswer, RiskCount,
  RiskFeature, Sentence, Shape,
} from './model'

/** The answer has not the shape that the contract promises; `path` says where. */
export class ShapeError extends Error {
  constructor(readonly path: string, expected: string) {
    super(`${path}: expected ${expected}`)
    this.name = 'ShapeError'
  }
}

type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fields(value: unknown, path: string): Fields {
  if (!isFields(value)) throw new ShapeError(path, 'an object')
  return value
}

function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(path, 'a list')
  return value
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new ShapeError(path, 'text')
  return value
}

function number(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ShapeError(path, 'a number')
  return value
}

/** Absent and null are both "not told"; anything else must have the promised shape. */
function optional<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | null {
  return value === undefined || value === null ? null : read(value, path)
}

function grade(value: unknown, path: string): Grade {
  if (value === null || value === undefined || value === '') return 'none'
  const known = GRADES.find((name) => name === value)
  if (!known) throw new ShapeError(path, `one of ${GRADES.join(', ')}`)
  return known
}

function shape(value: unknown, path: string): Shape {
  const known = SHAPES.find((name) => name === value)
  if (!known) throw new ShapeError(path, `one of ${SHAPES.join(', ')}`)
  return known
}

function bounds(value: unknown, path: string): Bounds {
  const [west, south, east, north] = list(value, path).map((side, at) => number(side, `${path}[${at}]`))
  if (west === undefined || south === undefined || east === undefined || north === undefined) {
    throw new ShapeError(path, 'west, south, east, north')
  }
  return [west, south, east, north]
}

function counts(value: unknown, path: string): Counts {
  const row = fields(value, path)
  const read = (name: Grade): number => optional(row[name], `${path}.${name}`, number) ?? 0
  return { red: read('red'), orange: read('orange'), yellow: read('yellow'), blue: read('blue'), none: read('none') }
}

function layer(value: unknown, path: string): LayerInfo {
  const row = fields(value, path)
  const family = text(row.family, `${path}.family`)
  return {
    name: text(row.name, `${path}.name`),
    title: text(row.title, `${path}.title`),
    family,
    familyTitle: optional(row.family_title, `${path}.family_title`, text) ?? family,
    geometry: text(row.geometry, `${path}.geometry`),
    risk: row.risk === true,
    graded: row.graded === true,
    counts: counts(row.counts, `${path}.counts`),
    total: number(row.total, `${path}.total`),
    extent: optional(row.extent, `${path}.extent`, bounds),
    revision: optional(row.revision, `${path}.revision`, number) ?? 0,
    oldestDataDate: optional(row.oldest_data_date, `${path}.oldest_data_date`, text),
    demo: row.demo === true,
  }
}

/** `GET /layers`. */
export function decodeCatalogue(value: unknown): Catalogue {
  const answer = fields(value, 'layers')
  return {
    layers: list(answer.layers, 'layers').map((row, at) => layer(row, `layers[${at}]`)),
    extent: optional(answer.extent, 'extent', bounds),
  }
}

function legendItem(value: unknown, path: string): LegendItem {
  const row = fields(value, path)
  return {
    grade: grade(row.grade, `${path}.grade`),
    title: text(row.title, `${path}.title`),
    code: text(row.code, `${path}.code`),
    shape: shape(row.shape, `${path}.shape`),
    color: text(row.color, `${path}.color`),
    outline: text(row.outline, `${path}.outline`),
  }
}

/** `GET /legend.json`. */
export function decodeLegend(value: unknown): readonly LegendEntry[] {
  return list(fields(value, 'legend').entries, 'entries').map((entry, at) => {
    const path = `entries[${at}]`
    const row = fields(entry, path)
    return {
      layer: text(row.layer, `${path}.layer`),
      family: optional(row.family, `${path}.family`, text) ?? '',
      symbol: optional(row.symbol, `${path}.symbol`, text),
      items: list(row.items, `${path}.items`).map((item, nth) => legendItem(item, `${path}.items[${nth}]`)),
    }
  })
}

/** Why a feature has its grade: `{zh, en}`, or an object that carries such a sentence, or one sentence. */
function sentence(value: unknown): Sentence | null {
  if (typeof value === 'string') return value === '' ? null : { zh: value, en: value }
  if (!isFields(value)) return null
  const { zh, en } = value
  if (typeof zh === 'string' || typeof en === 'string') {
    const only = typeof zh === 'string' ? zh : String(en)
    return { zh: only, en: typeof en === 'string' ? en : only }
  }
  return sentence(value.sentence) ?? sentence(value.text) ?? sentence(value.title)
}

function geometry(value: unknown, path: string): Geometry {
  const shapeOf = fields(value, path)
  text(shapeOf.type, `${path}.type`)
  // GeoJSON's own shape is not checked coordinate by coordinate: the service assembles it in the database.
  return value as Geometry
}

function riskFeature(value: unknown, path: string): RiskFeature {
  const feature = fields(value, path)
  const row = fields(feature.properties, `${path}.properties`)
  const name = text(row.layer, `${path}.layer`)
  const source = text(row.source, `${path}.source`)
  const sourceId = text(row.source_id, `${path}.source_id`)
  return {
    id: `${name}/${source}/${sourceId}`,
    layer: name,
    source,
    sourceId,
    name: optional(row.name, `${path}.name`, text) ?? sourceId,
    grade: grade(row.grade, `${path}.grade`),
    basis: sentence(row.grade_basis),
    distanceM: optional(row.distance_m, `${path}.distance_m`, number),
    bearingDeg: optional(row.bearing_deg, `${path}.bearing_deg`, number),
    dataDate: optional(row.data_date, `${path}.data_date`, text),
    demo: row.demo === true,
    geometry: geometry(feature.geometry, `${path}.geometry`),
  }
}

/** A list of features or a FeatureCollection of them. */
function featureList(value: unknown, path: string): readonly unknown[] {
  return isFields(value) ? list(value.features, `${path}.features`) : list(value ?? [], path)
}

function ring(value: unknown, path: string): Feature {
  const feature = fields(value, path)
  const properties = isFields(feature.properties) ? { ...feature.properties } : {}
  return { type: 'Feature', properties, geometry: geometry(feature.geometry, `${path}.geometry`) }
}

function division(value: unknown, path: string): Division {
  const row = fields(value, path)
  return {
    code: text(row.code, `${path}.code`),
    name: text(row.name, `${path}.name`),
    level: optional(row.level, `${path}.level`, text) ?? '',
  }
}

function riskCount(value: unknown, path: string): RiskCount {
  const row = fields(value, path)
  return {
    layer: text(row.layer, `${path}.layer`),
    grade: grade(row.grade, `${path}.grade`),
    ringM: optional(row.ring_m, `${path}.ring_m`, number),
    count: number(row.count, `${path}.count`),
  }
}

function nearestGroup(value: unknown, path: string): NearestGroup {
  const row = fields(value, path)
  return {
    layer: text(row.layer, `${path}.layer`),
    features: featureList(row.features, path).map((item, at) => riskFeature(item, `${path}.features[${at}]`)),
  }
}

/** The largest of the radii that the service says it understood. */
function radius(query: Fields, path: string): number {
  const value = query.radius_m
  const radii = Array.isArray(value) ? value : [value]
  return Math.max(...radii.map((item) => number(item, path)))
}

/** `GET /risk`; features come out nearest first. */
export function decodeRisk(value: unknown): RiskAnswer {
  const answer = fields(value, 'risk')
  const query = fields(answer.query, 'query')
  const place = isFields(answer.place) ? answer.place : {}
  const data = isFields(answer.data) ? answer.data : {}
  const features = featureList(answer.features, 'features').map((item, at) => riskFeature(item, `features[${at}]`))
  return {
    lon: number(query.lon, 'query.lon'),
    lat: number(query.lat, 'query.lat'),
    radiusM: radius(query, 'query.radius_m'),
    divisions: list(place.divisions ?? [], 'place.divisions').map((row, at) => division(row, `divisions[${at}]`)),
    counts: list(answer.counts ?? [], 'counts').map((row, at) => riskCount(row, `counts[${at}]`)),
    features: features.toSorted((a, b) => (a.distanceM ?? Infinity) - (b.distanceM ?? Infinity)),
    nearest: list(answer.nearest ?? [], 'nearest').map((row, at) => nearestGroup(row, `nearest[${at}]`)),
    rings: featureList(answer.rings, 'rings').map((item, at) => ring(item, `rings[${at}]`)),
    truncated: answer.truncated === true,
    oldestDataDate: optional(data.oldest_data_date, 'data.oldest_data_date', text),
  }
}
