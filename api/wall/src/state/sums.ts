/** The wall's figures are sums over the same layers: strip, panel and answer can never disagree. */
import type { RingPeople } from '../map/rings'
import { GRADES } from '../model'
import type { Bounds, Catalogue, Counts, Grade, LayerInfo, LegendEntry, LegendItem, RiskAnswer, RiskCount } from '../model'

export const NO_COUNTS: Counts = { red: 0, orange: 0, yellow: 0, blue: 0, none: 0 }

export interface FamilyGroup {
  readonly family: string
  readonly title: string
  readonly layers: readonly LayerInfo[]
  readonly total: number
}

/** The family of the legend whose marks are the grades' own. */
const RISK_FAMILY = 'risk'

/** The rows under each key, keys in the order of their first row. */
function groupBy<T>(rows: readonly T[], key: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group) group.push(row)
    else groups.set(key(row), [row])
  }
  return groups
}

export function totalOf(counts: Counts): number {
  return GRADES.reduce((sum, grade) => sum + counts[grade], 0)
}

/** The total of the grades that are shown. */
export function shownTotal(counts: Counts, without: ReadonlySet<Grade>): number {
  return GRADES.reduce((sum, grade) => sum + (without.has(grade) ? 0 : counts[grade]), 0)
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    red: a.red + b.red,
    orange: a.orange + b.orange,
    yellow: a.yellow + b.yellow,
    blue: a.blue + b.blue,
    none: a.none + b.none,
  }
}

/** Families in the order in which the catalogue first names them. */
export function byFamily(layers: readonly LayerInfo[]): readonly FamilyGroup[] {
  const groups = groupBy(layers, (layer) => layer.family)
  return [...groups].map(([family, members]) => ({
    family,
    title: members[0]?.familyTitle ?? family,
    layers: members,
    total: members.reduce((sum, layer) => sum + layer.total, 0),
  }))
}

/** The grades of all risk layers that are shown: resources and divisions have no grade and do not count here. */
export function riskCounts(
  layers: readonly LayerInfo[], hidden: ReadonlySet<string>, countsOf: (layer: LayerInfo) => Counts = (layer) => layer.counts,
): Counts {
  return layers
    .filter((layer) => layer.graded && !hidden.has(layer.name))
    .reduce((sum, layer) => addCounts(sum, countsOf(layer)), NO_COUNTS)
}

/** How each grade is drawn: the first entry of the risks, whose 未分级 is the ring, not a resource's own plate. */
export function gradeStyles(legend: readonly LegendEntry[]): ReadonlyMap<Grade, LegendItem> {
  const styles = new Map<Grade, LegendItem>()
  const risks = legend.filter((entry) => entry.family === RISK_FAMILY)
  for (const grade of GRADES) {
    const item = risks.flatMap((entry) => entry.items).find((candidate) => candidate.grade === grade)
    if (item) styles.set(grade, item)
  }
  return styles
}

export interface LayerRow {
  readonly layer: string
  readonly counts: Counts
  readonly total: number
}

function sumCounts(counts: readonly RiskCount[]): Counts {
  return counts.reduce((sum, row) => ({ ...sum, [row.grade]: sum[row.grade] + row.count }), NO_COUNTS)
}

/** The answer's counts as a table: one row a layer, the rings added up. */
export function countsByLayer(counts: readonly RiskCount[]): readonly LayerRow[] {
  return [...groupBy(counts, (row) => row.layer)].map(([layer, rows]) => {
    const summed = sumCounts(rows)
    return { layer, counts: summed, total: totalOf(summed) }
  })
}

export interface RingCount {
  readonly fromM: number
  readonly toM: number
  /** Of the layers with grades, by grade. */
  readonly risks: Counts
  /** Resources and protected targets. */
  readonly others: number
}

/** How many features lie in each of `ringsM`, not cumulative: what is in the inner one is not in the outer. */
export function countsByRing(counts: readonly RiskCount[], ringsM: readonly number[], isGraded: (layer: string) => boolean): readonly RingCount[] {
  return ringsM.map((toM, at) => {
    const rows = counts.filter((row) => row.ringM === toM)
    const risks = sumCounts(rows.filter((row) => isGraded(row.layer)))
    return { fromM: ringsM[at - 1] ?? 0, toM, risks, others: totalOf(sumCounts(rows)) - totalOf(risks) }
  })
}

/** The people of each band, from those within each ring: a band is unknown where one of its two rings is, or is in part. */
export function peopleByRing(within: readonly (RingPeople | null)[]): readonly (number | null)[] {
  return within.map((outer, at) => {
    const inner = at === 0 ? { people: 0, isWhole: true } : within[at - 1]
    return outer?.isWhole === true && inner?.isWhole === true ? Math.max(outer.people - inner.people, 0) : null
  })
}

/** The worst grade among the risks of an answer; null when none of them has a grade. */
export function worstGrade(rows: readonly LayerRow[], risky: (layer: string) => boolean): Grade | null {
  const risks = rows.filter((row) => risky(row.layer))
  return GRADES.find((grade) => grade !== 'none' && risks.some((row) => row.counts[grade] > 0)) ?? null
}

/** The family that is the ground: looked at, never counted as something found. */
export const GROUND_FAMILY = 'base'

/** The frame of what is on the ground, not of the ground: a province's outline would make a city's data tiny. */
export function homeExtent(catalogue: Catalogue): Bounds | null {
  const extents = catalogue.layers.flatMap(({ family, extent }) => (family === GROUND_FAMILY || !extent ? [] : [extent]))
  const [first, ...others] = extents
  if (!first) return catalogue.extent
  return others.reduce<Bounds>(
    (all, one) => [Math.min(all[0], one[0]), Math.min(all[1], one[1]), Math.max(all[2], one[2]), Math.max(all[3], one[3])],
    first,
  )
}

/** Whether a frame holds all that is counted: then its figures are those of everything, and asked as such. */
export function coversData(frame: Bounds | null, layers: readonly LayerInfo[]): boolean {
  if (!frame) return true
  return layers.every(({ risk, extent }) =>
    !risk || !extent || (frame[0] <= extent[0] && frame[1] <= extent[1] && frame[2] >= extent[2] && frame[3] >= extent[3]))
}

/** The oldest data date of the layers, with the layer that has it. */
export function oldestData(layers: readonly LayerInfo[]): { readonly date: string; readonly layer: LayerInfo } | null {
  let oldest: { date: string; layer: LayerInfo } | null = null
  for (const layer of layers) {
    const date = layer.oldestDataDate
    if (date !== null && (oldest === null || date < oldest.date)) oldest = { date, layer }
  }
  return oldest
}

/** "江西省 赣州市 于都县 罗坳镇" is read from the largest to the smallest; a repeated name is said once. */
export function placeName(answer: RiskAnswer): string {
  const names = answer.divisions.map((division) => division.name)
  return names.filter((name, at) => names.indexOf(name) === at).join(' ')
}
