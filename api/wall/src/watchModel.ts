/** What the wall watches, beside answers: figures of a frame, what changed, what is overdue, scenes and saved views. */
import type { Feature, Geometry } from 'geojson'

import type { Bounds, Counts, CountyRow, Grade, RiskFeature } from './model'

/** One layer's features in the frame, by grade. */
export interface LayerFigures {
  readonly layer: string
  readonly counts: Counts
  readonly total: number
}

/** One reading of the frame: the sums of any part are those of every other. */
export interface Figures {
  readonly total: number
  readonly counts: Counts
  readonly layers: ReadonlyMap<string, LayerFigures>
  readonly counties: readonly CountyRow[]
  readonly townships: readonly CountyRow[]
}

/** Which risks are listed: of these layers and grades, in a box, so many. */
export interface WorstQuery {
  readonly layers: readonly string[]
  readonly grades: readonly Grade[]
  readonly box: Bounds
  readonly limit: number
}

/** A risk with where it lies in words: county and township. */
export interface ListedRisk extends RiskFeature {
  readonly division: string | null
}

/** The worst risks first; `isCut` where there are more of them. */
export interface Worst {
  readonly risks: readonly ListedRisk[]
  readonly isCut: boolean
}

export const CHANGE_KINDS = ['inserted', 'updated', 'regraded', 'retired', 'restored', 'removed', 'bulk'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

export interface Change {
  readonly key: string
  readonly at: Date
  readonly layer: string
  readonly kind: ChangeKind
  /** Null in a bulk load. */
  readonly id: string | null
  readonly name: string
  readonly grade: Grade
  readonly gradeBefore: Grade
  /** How many features, and of each kind, where they are many. */
  readonly n: number
  readonly kinds: Readonly<Partial<Record<ChangeKind, number>>>
  readonly geometry: Geometry | null
}

export interface Changes {
  readonly total: number
  readonly features: number
  /** Lines an hour, the oldest first. */
  readonly byHour: readonly number[]
  /** What each grade gained or lost, by layer. */
  readonly gained: ReadonlyMap<string, Counts>
  readonly lines: readonly Change[]
}

export interface Overdue {
  readonly id: string
  readonly layer: string
  readonly name: string
  readonly grade: Grade
  /** Null: never inspected. */
  readonly days: number | null
  readonly why: string
  readonly lon: number
  readonly lat: number
}

/** What one duty looks at. */
export interface Scene {
  readonly name: string
  readonly title: string
  /** None: all. */
  readonly layers: readonly string[]
  readonly event: string
  readonly ringsM: readonly number[]
  readonly overdue: boolean
}

/** What is set for the screen in the service's configuration. */
export interface Screen {
  readonly pitchMm: number | null
  readonly tourMs: number
  readonly tourRestMs: number
}

export interface Scenes {
  readonly scenes: readonly Scene[]
  readonly screen: Screen
}

/** A saved view, the same on every wall. */
export interface SavedView {
  readonly name: string
  readonly duty: string
  readonly link: string
}

/** A county on the small map. */
export interface Outline extends Feature {
  readonly properties: { readonly code: string; readonly name: string; readonly lon: number; readonly lat: number }
}

/** What is counted: what the map shows, or everything. */
export const SCOPES = ['frame', 'all'] as const
export type Scope = (typeof SCOPES)[number]

export interface FiguresQuery {
  readonly layers: readonly string[]
  /** Those whose risks make up the sums. */
  readonly counted: readonly string[]
  readonly frame: Bounds | null
}
