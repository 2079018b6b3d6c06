/** What the service says, in the wall's own types: every answer is checked once, in decode.ts, and trusted afterwards. */
import type { Feature, Geometry, LineString, Polygon } from 'geojson'

import type { Capacity } from './capacity'
import type { RasterLegend } from './rasterLegend'

/** The grades worst first; `none` is 未分级, which is counted and never hidden. */
export const GRADES = ['red', 'orange', 'yellow', 'blue', 'none'] as const
export type Grade = (typeof GRADES)[number]

export const LANGS = ['zh', 'en'] as const
export type Lang = (typeof LANGS)[number]

export const THEMES = ['light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const SHAPES = ['diamond', 'triangle', 'square', 'circle', 'ring'] as const
export type Shape = (typeof SHAPES)[number]

/** How many features there are of each grade. */
export type Counts = Readonly<Record<Grade, number>>

/** west, south, east, north in degrees. */
export type Bounds = readonly [number, number, number, number]

export interface LayerInfo {
  readonly name: string
  readonly title: string
  readonly family: string
  readonly familyTitle: string
  readonly geometry: string
  /** Whether the risk answer looks into it. */
  readonly risk: boolean
  /** Whether its features are risks, so that a missing grade is 未分级: only these add up in the key figures. */
  readonly graded: boolean
  readonly counts: Counts
  readonly total: number
  readonly extent: Bounds | null
  readonly revision: number
  /** The date of its oldest feature, when any has one. */
  readonly oldestDataDate: string | null
  readonly demo: boolean
  /** Its own columns, with their titles and units. */
  readonly fields: readonly FieldInfo[]
}

export interface FieldInfo {
  readonly name: string
  readonly title: string
  readonly unit: string | null
  /** What a code means, for a column of codes. */
  readonly choices: ReadonlyMap<string, string>
}

/** One feature with everything known about it. */
export interface FeatureFacts extends RiskFeature {
  readonly address: string | null
  readonly responsiblePerson: string | null
  readonly responsiblePhone: string | null
  readonly divisionCode: string | null
  /** The layer's own columns as they came: text, number, boolean, list or null. */
  readonly values: Readonly<Record<string, unknown>>
}

export interface Catalogue {
  readonly layers: readonly LayerInfo[]
  readonly rasters: readonly RasterLegend[]
  readonly extent: Bounds | null
}

export interface LegendItem {
  readonly grade: Grade
  readonly title: string
  readonly code: string
  readonly shape: Shape
  readonly color: string
  readonly outline: string
}

export interface LegendEntry {
  readonly layer: string
  readonly family: string
  /** The name of the layer's drawing among the symbols, when the service names one. */
  readonly symbol: string | null
  readonly items: readonly LegendItem[]
}

export interface Division {
  readonly code: string
  readonly name: string
  readonly level: string
}

export interface RiskCount {
  readonly layer: string
  readonly grade: Grade
  readonly ringM: number | null
  readonly count: number
}

/** A sentence in both languages, or in the one that the service chose. */
export type Sentence = Readonly<Record<Lang, string>>

export interface RiskFeature {
  readonly id: string
  readonly layer: string
  readonly source: string
  readonly sourceId: string
  readonly name: string
  readonly grade: Grade
  readonly basis: Sentence | null
  readonly distanceM: number | null
  readonly bearingDeg: number | null
  readonly dataDate: string | null
  readonly demo: boolean
  readonly geometry: Geometry
}

export interface NearestGroup {
  readonly layer: string
  readonly features: readonly RiskFeature[]
}

export interface RiskAnswer {
  readonly lon: number
  readonly lat: number
  /** The outermost ring; 0: inside the asked shape. */
  readonly radiusM: number
  readonly ringsM: readonly number[]
  /** Absent where the service has no rules. */
  readonly index: RiskIndex | null
  readonly divisions: readonly Division[]
  readonly counts: readonly RiskCount[]
  readonly features: readonly RiskFeature[]
  readonly nearest: readonly NearestGroup[]
  readonly rings: readonly Feature[]
  /** Beds against people, by ring. */
  readonly capacity: readonly Capacity[]
  readonly truncated: boolean
  /** The oldest data date behind the answer, when the service tells it. */
  readonly oldestDataDate: string | null
}

/** What one factor adds to the index, with the most that it can. */
export interface Contribution {
  readonly factor: string
  readonly title: Sentence
  readonly points: number
  readonly maximum: number
  readonly reachM: number
  /** How many features score; null for people. */
  readonly features: number | null
  /** How many could score if they had a grade. */
  readonly ungraded: number
  readonly isPeople: boolean
  /** Null: not known. */
  readonly people: number | null
  readonly listed: readonly { readonly id: string; readonly points: number }[]
}

/** How bad the place is, of 100; `low` to `high` is what it may be with what is not known. */
export interface RiskIndex {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly grade: Grade
  /** The grade without the rule that one bad feature next door is enough. */
  readonly gradeByIndex: Grade
  /** The grade if all that is unknown turned out as bad as it can be. */
  readonly gradeIfWorst: Grade
  readonly why: Sentence | null
  readonly contributions: readonly Contribution[]
  readonly rules: string
}

/** Something found by name or id. */
export interface Hit {
  readonly id: string
  readonly layer: string
  readonly name: string
  readonly grade: Grade
  readonly lon: number
  readonly lat: number
}

/** A place that a text means when it is read as coordinates. */
export interface TypedPlace {
  readonly lon: number
  readonly lat: number
  /** The CRS in which it was typed: EPSG:4490 for degrees. */
  readonly crs: string
}

/** What a search finds. */
export interface Found {
  readonly hits: readonly Hit[]
  readonly places: readonly TypedPlace[]
}

/** How many risks lie in a county or township. */
export interface CountyRow {
  /** Null: the features name no division. */
  readonly code: string | null
  readonly name: string | null
  readonly extent: Bounds | null
  readonly counts: Counts
  readonly total: number
}

/** From which index on a place has a grade. */
export type Thresholds = Readonly<Record<'red' | 'orange' | 'yellow', number>>

/** The rings of one kind of event. */
export interface Preset {
  readonly event: string
  readonly title: string
  readonly ringsM: readonly number[]
}

/** Where is asked. */
export type Place =
  | { readonly kind: 'point' }
  | { readonly kind: 'shape'; readonly geometry: LineString | Polygon }
  | { readonly kind: 'sector'; readonly startDeg: number; readonly endDeg: number }
  | { readonly kind: 'feature'; readonly id: string }
  | { readonly kind: 'division'; readonly code: string }

/** What is asked: a place, and how far around it. `lon` and `lat` are the point, or some place in the shape. */
export interface Question {
  readonly place: Place
  readonly lon: number
  readonly lat: number
  /** Innermost first. */
  readonly ringsM: readonly number[]
  /** The kind of event that the rings are of. */
  readonly event: string | null
}

/** The radii that can be chosen, in metres, each with the rings inside it. */
const RINGS_M: ReadonlyMap<number, readonly number[]> = new Map([
  [500, [500]],
  [1000, [500, 1000]],
  [2000, [500, 1000, 2000]],
  [5000, [1000, 3000, 5000]],
  [10_000, [3000, 5000, 10_000]],
  [50_000, [10_000, 20_000, 50_000]],
])

export const RADII_M: readonly number[] = [...RINGS_M.keys()]

/** The rings that are asked for with a radius, innermost first; a radius from a link stands alone. */
export function ringsOf(radiusM: number): readonly number[] {
  return RINGS_M.get(radiusM) ?? [radiusM]
}

/** How far a question reaches. */
export function reachOf(question: Question): number {
  return question.ringsM.at(-1) ?? 0
}
