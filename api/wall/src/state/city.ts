/** The small drawing of the city: counties in slate by their reds and oranges, and the frame of the map on it. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'

import { outlinePath, projectionOf } from '../cityMap'
import type { Projection } from '../cityMap'
import type { Bounds, CountyRow } from '../model'
import type { Wall } from './wall'

export interface County {
  readonly code: string
  readonly name: string
  /** The outline as the path of an SVG. */
  readonly path: string
  /** `q0` to `q4`: slate, the darker the worse; colours of grades are kept for grades. */
  readonly slate: string
  /** Where its name stands, px. */
  readonly x: number
  readonly y: number
  /** Its figures; absent until they are counted, or where it is out of the scope. */
  readonly row: CountyRow | undefined
}

/** The map's frame, px. */
export interface Frame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface City {
  readonly counties: ComputedRef<readonly County[]>
  readonly frame: ComputedRef<Frame | null>
}

function badnessOf(row: CountyRow | undefined): number {
  return (row?.counts.red ?? 0) * 3 + (row?.counts.orange ?? 0)
}

/** Four steps of slate, as many counties in each; the first is for those without reds and oranges. */
function slateBy(all: readonly number[]): (badness: number) => string {
  const sorted = all.toSorted((a, b) => a - b)
  const steps = [0.25, 0.5, 0.75].map((share) => sorted[Math.floor(share * sorted.length)] ?? 0)
  return (badness) => `q${badness === 0 ? 0 : 1 + steps.filter((step) => badness > step).length}`
}

function frameOn(project: Projection, [west, south, east, north]: Bounds): Frame {
  const [left = 0, bottom = 0] = project(west, south)
  const [right = 0, top = 0] = project(east, north)
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** The city of a wall in a box of `width` by `height` px. */
export function useCity(wall: Wall, width: number, height: number): City {
  const outlines = computed(() => wall.outlines.value ?? [])
  const project = computed(() => projectionOf(outlines.value.map((each) => each.geometry), width, height))
  const rows = computed(() => new Map((wall.isUnknown.value ? [] : (wall.figures.value?.counties ?? [])).map((row) => [row.code, row])))
  // A drag moves the frame: the outlines stay as they were drawn.
  const paths = computed(() => outlines.value.map((each) => (project.value ? outlinePath(each.geometry, project.value) : '')))
  const slate = computed(() => slateBy(outlines.value.map((each) => badnessOf(rows.value.get(each.properties.code)))))
  return {
    counties: computed(() => outlines.value.map(({ properties: { code, name, lon, lat } }, nth): County => {
      const row = rows.value.get(code)
      const [x = 0, y = 0] = project.value?.(lon, lat) ?? []
      return { code, name, path: paths.value[nth] ?? '', slate: slate.value(badnessOf(row)), x, y, row }
    })),
    frame: computed(() => (wall.frame.value && project.value ? frameOn(project.value, wall.frame.value) : null)),
  }
}
