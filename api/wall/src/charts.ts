/** The charts' options for ECharts: stacked bars by grade, in the symbology's own colours; hatch tells 未分级 without colour. */
import { GRADES } from './model'
import type { Counts, Grade } from './model'

export interface ChartRow {
  readonly key: string
  readonly title: string
  readonly counts: Counts
}

export interface ChartInk {
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly font: string
  readonly px: number
  readonly fills: Readonly<Record<Grade, string>>
}

/** Whether a row has anything to show. */
export function rowsShown(rows: readonly ChartRow[], without: ReadonlySet<Grade>): readonly ChartRow[] {
  return rows.filter((row) => GRADES.some((grade) => !without.has(grade) && row.counts[grade] > 0))
}

/** A row in one sentence, for those who hear it. */
export function sayRow(row: ChartRow, without: ReadonlySet<Grade>, say: (grade: Grade) => string): string {
  const parts = GRADES.filter((grade) => !without.has(grade) && row.counts[grade] > 0).map((grade) => `${say(grade)} ${row.counts[grade]}`)
  return `${row.title}: ${parts.join(', ')}`
}

/** Bars that lie, one a row, stacked from the worst grade; the first row on top. */
export function stackedBars(rows: readonly ChartRow[], without: ReadonlySet<Grade>, ink: ChartInk, say: (grade: Grade) => string) {
  const grades = GRADES.filter((grade) => !without.has(grade))
  const text = { color: ink.ink, fontFamily: ink.font, fontSize: ink.px }
  return {
    animation: false,
    textStyle: text,
    grid: { left: 4, right: 14, top: 4, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      // Names are data: drawn as text on the canvas, never as markup.
      renderMode: 'richText',
      axisPointer: { type: 'shadow' },
      confine: true,
    },
    xAxis: {
      type: 'value', minInterval: 1, axisLabel: { ...text, color: ink.faint, fontSize: Math.max(ink.px - 2, 11), hideOverlap: true },
      splitLine: { lineStyle: { color: ink.line } },
    },
    yAxis: {
      type: 'category', inverse: true, data: rows.map((row) => row.title), axisTick: { show: false },
      axisLine: { lineStyle: { color: ink.line } }, axisLabel: { ...text, interval: 0, width: ink.px * 8, overflow: 'truncate' },
    },
    series: grades.map((grade) => ({
      type: 'bar',
      name: say(grade),
      stack: 'all',
      barMaxWidth: ink.px * 1.15,
      data: rows.map((row) => row.counts[grade]),
      itemStyle: {
        color: ink.fills[grade],
        ...(grade === 'none' ? { decal: { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: ink.ink } } : {}),
      },
    })),
  } as const
}
