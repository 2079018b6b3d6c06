/** The answers that the wall watches, checked like all others. */
import type { Geometry } from 'geojson'

import { ShapeError, bounds, fields, grade, isFields, list, number, optional, text } from './checks'
import { counts, riskFeature } from './decode'
import { anyPosition } from './map/rings'
import type { CountyRow } from './model'
import { CHANGE_KINDS } from './watchModel'
import type { Change, ChangeKind, Changes, Figures, LayerFigures, Outline, Overdue, SavedView, Scenes, Worst } from './watchModel'

/** Counts by county or township. */
export function decodeRows(value: unknown, path: string): readonly CountyRow[] {
  return list(value, path).map((item, at) => {
    const here = `${path}[${at}]`
    const row = fields(item, here)
    return {
      code: optional(row.code, `${here}.code`, text),
      name: optional(row.name, `${here}.name`, text),
      extent: optional(row.extent, `${here}.extent`, bounds),
      counts: counts(row.counts, `${here}.counts`),
      total: number(row.total, `${here}.total`),
    }
  })
}

/** `GET /statistics?by=all`. */
export function decodeFigures(value: unknown): Figures {
  const answer = fields(value, 'statistics')
  const layers = list(answer.layers, 'layers').map((item, at): LayerFigures => {
    const row = fields(item, `layers[${at}]`)
    return { layer: text(row.layer, 'layer'), counts: counts(row.counts, 'counts'), total: number(row.total, 'total') }
  })
  return {
    total: number(answer.total, 'total'),
    counts: counts(answer.counts, 'counts'),
    layers: new Map(layers.map((each) => [each.layer, each])),
    counties: decodeRows(answer.divisions, 'divisions'),
    townships: decodeRows(answer.townships, 'townships'),
  }
}

/** `GET /features`. */
export function decodeWorst(value: unknown): Worst {
  const answer = fields(value, 'features')
  const risks = list(answer.features, 'features').map((item, at) => {
    const path = `features[${at}]`
    const { division } = fields(fields(item, path).properties, `${path}.properties`)
    return { ...riskFeature(item, path), division: optional(division, `${path}.division`, text) }
  })
  return { risks, isCut: answer.truncated === true }
}

function changeKind(value: unknown, path: string): ChangeKind {
  const known = CHANGE_KINDS.find((kind) => kind === value)
  if (!known) throw new ShapeError(path, `one of ${CHANGE_KINDS.join(', ')}`)
  return known
}

function change(value: unknown, path: string): Change {
  const row = fields(value, path)
  const id = optional(row.id, `${path}.id`, text)
  const kinds = Object.entries(fields(row.kinds, `${path}.kinds`)).map(([kind, n]) => [changeKind(kind, path), number(n, path)] as const)
  return {
    key: text(row.key, `${path}.key`),
    at: new Date(text(row.at, `${path}.at`)),
    layer: text(row.layer, `${path}.layer`),
    kind: changeKind(row.kind, `${path}.kind`),
    id,
    name: optional(row.name, `${path}.name`, text) ?? id?.split('/').at(-1) ?? '',
    grade: grade(row.grade, `${path}.grade`),
    gradeBefore: grade(row.grade_before, `${path}.grade_before`),
    n: number(row.n, `${path}.n`),
    kinds: Object.fromEntries(kinds),
    geometry: isFields(row.geometry) ? (row.geometry as unknown as Geometry) : null,
  }
}

/** `GET /changes`. */
export function decodeChanges(value: unknown): Changes {
  const answer = fields(value, 'changes')
  const gained = Object.entries(fields(answer.gained, 'gained')).map(([layer, row]) => [layer, counts(row, `gained.${layer}`)] as const)
  return {
    total: number(answer.total, 'total'),
    features: number(answer.features, 'features'),
    byHour: list(answer.by_hour, 'by_hour').map((n, at) => number(n, `by_hour[${at}]`)),
    gained: new Map(gained),
    lines: list(answer.changes, 'changes').map((row, at) => change(row, `changes[${at}]`)),
  }
}

/** `GET /audits/inspections`: only those that are overdue. */
export function decodeOverdue(value: unknown): readonly Overdue[] {
  const features = list(fields(fields(value, 'audit').features, 'features').features, 'features')
  return features.flatMap((item, at): Overdue[] => {
    const path = `features[${at}]`
    const feature = fields(item, path)
    const row = fields(feature.properties, `${path}.properties`)
    if (row.state !== 'overdue') return []
    const place = anyPosition(fields(feature.geometry, `${path}.geometry`) as unknown as Geometry)
    const [lon, lat] = place ?? []
    const id = text(feature.id, `${path}.id`)
    return [{
      id,
      layer: text(row.layer, `${path}.layer`),
      name: optional(row.name, `${path}.name`, text) ?? id,
      grade: grade(row.grade, `${path}.grade`),
      days: optional(row.overdue_days, `${path}.overdue_days`, number),
      why: optional(row.why, `${path}.why`, text) ?? '',
      lon: number(lon, `${path}.lon`),
      lat: number(lat, `${path}.lat`),
    }]
  })
}

/** `GET /scenes`. */
export function decodeScenes(value: unknown): Scenes {
  const answer = fields(value, 'scenes')
  const screen = fields(answer.screen, 'screen')
  return {
    scenes: list(answer.scenes, 'scenes').map((item, at) => {
      const row = fields(item, `scenes[${at}]`)
      return {
        name: text(row.name, `scenes[${at}].name`),
        title: text(row.title, `scenes[${at}].title`),
        layers: list(row.layers, `scenes[${at}].layers`).map((name) => text(name, 'layer')),
        event: text(row.event, `scenes[${at}].event`),
        ringsM: list(row.rings_m, `scenes[${at}].rings_m`).map((ringM) => number(ringM, 'ring_m')),
        overdue: row.overdue === true,
      }
    }),
    screen: {
      pitchMm: optional(screen.wall_pitch_mm, 'wall_pitch_mm', number),
      tourMs: number(screen.tour_s, 'tour_s') * 1000,
      tourRestMs: number(screen.tour_rest_s, 'tour_rest_s') * 1000,
    },
  }
}

/** `GET /views`. */
export function decodeViews(value: unknown): readonly SavedView[] {
  return list(fields(value, 'views').views, 'views').map((item, at) => {
    const row = fields(item, `views[${at}]`)
    return { name: text(row.name, 'name'), duty: text(row.duty, 'duty'), link: text(row.link, 'link') }
  })
}

/** `GET /statistics/outlines`. */
export function decodeOutlines(value: unknown): readonly Outline[] {
  return list(fields(value, 'outlines').features, 'features').map((item, at) => {
    const feature = fields(item, `features[${at}]`)
    const row = fields(feature.properties, 'properties')
    return {
      type: 'Feature',
      geometry: fields(feature.geometry, 'geometry') as unknown as Geometry,
      properties: { code: text(row.code, 'code'), name: optional(row.name, 'name', text) ?? '', lon: number(row.lon, 'lon'), lat: number(row.lat, 'lat') },
    }
  })
}
