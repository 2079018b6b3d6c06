/** What is shown: layers and grades. The same selection filters the map, the key figures and the answer's list. */
import { shallowRef } from 'vue'
import type { Ref } from 'vue'

import { GRADES } from '../model'
import type { Grade } from '../model'

export interface Selection {
  /** Names of the layers that are not shown. */
  readonly hidden: Readonly<Ref<ReadonlySet<string>>>
  /** How opaque a layer is drawn, 0.1 to 1; absent: as the style says. */
  readonly opacity: Readonly<Ref<ReadonlyMap<string, number>>>
  /** Rasters of the ground that were switched, on or off. */
  readonly rasters: Readonly<Ref<ReadonlyMap<string, boolean>>>
  /** Grades of risks that are not shown. */
  readonly without: Readonly<Ref<ReadonlySet<Grade>>>
  toggleLayer(name: string): void
  setLayers(names: readonly string[], shown: boolean): void
  toggleGrade(grade: Grade): void
  /** Shows this grade only; when it already is the only one, all of them. */
  onlyGrade(grade: Grade): void
  allGrades(): void
  setOpacity(name: string, opacity: number): void
  setRaster(name: string, shown: boolean): void
  /** Everything as a link says; what is not told of rasters stays. */
  restore(hide: readonly string[], omit: readonly Grade[], fade: ReadonlyMap<string, number>, ground?: ReadonlyMap<string, boolean>): void
}

function toggled<T>(set: ReadonlySet<T>, member: T): ReadonlySet<T> {
  const next = new Set(set)
  if (!next.delete(member)) next.add(member)
  return next
}

export function createSelection(hide: readonly string[], omit: readonly Grade[], fade: ReadonlyMap<string, number> = new Map(), ground: ReadonlyMap<string, boolean> = new Map()): Selection {
  const opacity = shallowRef(fade)
  const rasters = shallowRef(ground)
  const hidden = shallowRef<ReadonlySet<string>>(new Set(hide))
  const without = shallowRef<ReadonlySet<Grade>>(new Set(omit))
  return {
    hidden,
    without,
    opacity,
    rasters,
    toggleLayer(name) {
      hidden.value = toggled(hidden.value, name)
    },
    setLayers(names, shown) {
      hidden.value = new Set([...[...hidden.value].filter((name) => !names.includes(name)), ...(shown ? [] : names)])
    },
    toggleGrade(grade) {
      const next = toggled(without.value, grade)
      // Hiding the last grade would leave a map that looks safe: that means "all" instead.
      without.value = next.size === GRADES.length ? new Set() : next
    },
    onlyGrade(grade) {
      const others = GRADES.filter((other) => other !== grade)
      const already = !without.value.has(grade) && others.every((other) => without.value.has(other))
      without.value = new Set(already ? [] : others)
    },
    allGrades() {
      without.value = new Set()
    },
    setOpacity(name, next) {
      const kept = [...opacity.value].filter(([other]) => other !== name)
      opacity.value = new Map(next >= 1 ? kept : [...kept, [name, Math.max(next, 0.1)]])
    },
    setRaster(name, shown) {
      rasters.value = new Map([...rasters.value, [name, shown]])
    },
    restore(hide, omit, fade, ground) {
      if (ground) rasters.value = ground
      hidden.value = new Set(hide)
      without.value = new Set(omit)
      opacity.value = fade
    },
  }
}
