/** Answers of the service, checked: what has not the promised shape is an error with its path, never a blank on the wall. */
import type { Feature, Geometry } from 'geojson'

import { decodeCapacity } from './capacity'
import { ShapeError, bounds, fields, grade, isFields, list, number, optional, sentence, text } from './checks'
import type { Fields } from './checks'
import { SHAPES } from './model'
import { decodeRasterLegends } from './rasterLegend'
import type {
  Catalogue, Contribution, Counts, Division, FeatureFacts, FieldInfo, Found, Grade, Hit, LayerInfo, LegendEntry, LegendItem, NearestGroup, Preset, RiskAnswer,
  RiskCount, RiskFeature, RiskIndex, Shape, Thresholds, TypedPlace,
} from './model'

export { ShapeError, isFields } from './checks'

function shape(value: unknown, path: string): Shape {
  const known = SHAPES.find((name) => name === value)
  if (!known) throw new ShapeError(path, `one of ${SHAPES.join(', ')}`)
  return known
}

/** Counts by grade; one that is not named is none. */
export function counts(value: unknown, path: string): Counts {
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
    fields: list(row.fields ?? [], `${path}.fields`).map((item, at) => fieldInfo(item, `${path}.fields[${at}]`)),
  }
}

function fieldInfo(value: unknown, path: string): FieldInfo {
  const row = fields(value, path)
  const choices = list(row.choices ?? [], `${path}.choices`).map((item) => {
    const choice = fields(item, `${path}.choices`)
    return [text(choice.code, `${path}.code`), text(choice.title, `${path}.title`)] as const
  })
  return {
    name: text(row.name, `${path}.name`),
    title: text(row.title, `${path}.title`),
    unit: optional(row.unit, `${path}.unit`, text),
    choices: new Map(choices),
  }
}

/** `GET /layers`. */
export function decodeCatalogue(value: unknown): Catalogue {
  const answer = fields(value, 'layers')
  return {
    layers: list(answer.layers, 'layers').map((row, at) => layer(row, `layers[${at}]`)),
    rasters: decodeRasterLegends(answer.rasters),
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

function geometry(value: unknown, path: string): Geometry {
  const shapeOf = fields(value, path)
  text(shapeOf.type, `${path}.type`)
  // GeoJSON's own shape is not checked coordinate by coordinate: the service assembles it in the database.
  return value as Geometry
}

/** One feature as GeoJSON. */
export function riskFeature(value: unknown, path: string): RiskFeature {
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

/** `GET /layers/{layer}/features/{source}/{source_id}`. */
export function decodeFeature(value: unknown): FeatureFacts {
  const feature = riskFeature(value, 'feature')
  const row = fields(fields(value, 'feature').properties, 'properties')
  return {
    ...feature,
    address: optional(row.address, 'address', text),
    responsiblePerson: optional(row.responsible_person, 'responsible_person', text),
    responsiblePhone: optional(row.responsible_phone, 'responsible_phone', text),
    divisionCode: optional(row.division_code, 'division_code', text),
    values: row,
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

/** The radii that the service says it understood, innermost first. */
function rings(query: Fields, path: string): readonly number[] {
  const value = query.radius_m
  const radii = Array.isArray(value) ? value : [value]
  return radii.map((item) => number(item, path)).toSorted((a, b) => a - b)
}

function contribution(value: unknown, path: string): Contribution {
  const row = fields(value, path)
  return {
    factor: text(row.factor, `${path}.factor`),
    title: sentence(row.title) ?? { zh: '', en: '' },
    points: number(row.points, `${path}.points`),
    maximum: number(row.maximum, `${path}.maximum`),
    reachM: number(row.reach_m, `${path}.reach_m`),
    features: optional(row.features, `${path}.features`, number),
    ungraded: optional(row.ungraded, `${path}.ungraded`, number) ?? 0,
    isPeople: 'people' in row,
    people: optional(row.people, `${path}.people`, number),
    listed: list(row.listed ?? [], `${path}.listed`).map((item, at) => {
      const listed = fields(item, `${path}.listed[${at}]`)
      return { id: text(listed.id, `${path}.id`), points: number(listed.points, `${path}.points`) }
    }),
  }
}

function riskIndex(value: unknown, path: string): RiskIndex {
  const row = fields(value, path)
  const [low = 0, high = 0] = list(row.range, `${path}.range`).map((end, at) => number(end, `${path}.range[${at}]`))
  const found = grade(row.grade, `${path}.grade`)
  return {
    value: number(row.value, `${path}.value`),
    low,
    high,
    grade: found,
    gradeByIndex: grade(row.grade_by_index ?? found, `${path}.grade_by_index`),
    gradeIfWorst: grade(row.grade_if_worst ?? found, `${path}.grade_if_worst`),
    why: sentence(row.why),
    contributions: list(row.contributions, `${path}.contributions`).map((item, at) => contribution(item, `contributions[${at}]`)),
    rules: optional(row.rules, `${path}.rules`, text) ?? '',
  }
}

function typedPlace(value: unknown, path: string): TypedPlace {
  const row = fields(value, path)
  return { lon: number(row.lon, `${path}.lon`), lat: number(row.lat, `${path}.lat`), crs: text(row.crs, `${path}.crs`) }
}

/** `GET /search`: features, and places where the text is a pair of coordinates. */
export function decodeFound(value: unknown): Found {
  const answer = fields(value, 'search')
  const places = list(answer.places ?? [], 'places').map((item, at) => typedPlace(item, `places[${at}]`))
  return { hits: hits(answer.results), places }
}

function hits(value: unknown): readonly Hit[] {
  return list(value, 'results').map((item, at) => {
    const path = `results[${at}]`
    const row = fields(item, path)
    const id = text(row.id, `${path}.id`)
    const [lon, lat] = list(fields(row.geometry, `${path}.geometry`).coordinates, `${path}.coordinates`)
    return {
      id,
      layer: text(row.layer, `${path}.layer`),
      name: optional(row.name, `${path}.name`, text) ?? id,
      grade: grade(row.grade, `${path}.grade`),
      lon: number(lon, `${path}.lon`),
      lat: number(lat, `${path}.lat`),
    }
  })
}

/** `GET /risk/presets`. */
export function decodePresets(value: unknown): readonly Preset[] {
  return list(fields(value, 'presets').presets, 'presets').map((item, at) => {
    const row = fields(item, `presets[${at}]`)
    return {
      event: text(row.event, `presets[${at}].event`),
      title: text(row.title, `presets[${at}].title`),
      ringsM: list(row.rings_m, `presets[${at}].rings_m`).map((ringM, nth) => number(ringM, `presets[${at}].rings_m[${nth}]`)),
    }
  })
}

/** `GET /risk/rules`: from which index on a grade begins. */
export function decodeThresholds(value: unknown): Thresholds {
  const row = fields(fields(value, 'rules').grades, 'grades')
  const read = (name: string): number => number(row[name], `grades.${name}`)
  return { red: read('red'), orange: read('orange'), yellow: read('yellow') }
}

/** `GET /risk`; features come out nearest first. */
export function decodeRisk(value: unknown): RiskAnswer {
  const answer = fields(value, 'risk')
  const query = fields(answer.query, 'query')
  const place = isFields(answer.place) ? answer.place : {}
  const data = isFields(answer.data) ? answer.data : {}
  const features = featureList(answer.features, 'features').map((item, at) => riskFeature(item, `features[${at}]`))
  const ringsM = rings(query, 'query.radius_m')
  return {
    lon: number(query.lon, 'query.lon'),
    lat: number(query.lat, 'query.lat'),
    radiusM: ringsM.at(-1) ?? 0,
    ringsM,
    index: optional(answer.index, 'index', riskIndex),
    divisions: list(place.divisions ?? [], 'place.divisions').map((row, at) => division(row, `divisions[${at}]`)),
    counts: list(answer.counts ?? [], 'counts').map((row, at) => riskCount(row, `counts[${at}]`)),
    features: features.toSorted((a, b) => (a.distanceM ?? Infinity) - (b.distanceM ?? Infinity)),
    nearest: list(answer.nearest ?? [], 'nearest').map((row, at) => nearestGroup(row, `nearest[${at}]`)),
    rings: featureList(answer.rings, 'rings').map((item, at) => ring(item, `rings[${at}]`)),
    capacity: decodeCapacity(answer.capacity),
    truncated: answer.truncated === true,
    oldestDataDate: optional(data.oldest_data_date, 'data.oldest_data_date', text),
  }
}
