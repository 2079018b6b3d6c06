/** What is shown: layers and grades. The same selection filters the map, the key figures and the answer's list. */
import { shallowRef } from 'vue'
import type { Ref } from 'vue'

import { GRADES } from '../model'
import type { Grade } from '../model'

export interface Selection {
  /** Names of the layers that are not shown. */
  readonly hidden: Readonly<Ref<ReadonlySet<string>>>
  /** Grades of risks that are not shown. */
  readonly without: Readonly<Ref<ReadonlySet<Grade>>>
  toggleLayer(name: string): void
  setLayers(names: readonly string[], shown: boolean): void
  toggleGrade(grade: Grade): void
  /** Shows this grade only; when it already is the only one, all of them. */
  onlyGrade(grade: Grade): void
  allGrades(): void
}

function toggled<T>(set: ReadonlySet<T>, member: T): ReadonlySet<T> {
  const next = new Set(set)
  if (!next.delete(member)) next.add(member)
  return next
}

export function createSelection(hide: readonly string[], omit: readonly Grade[]): Selection {
  const hidden = shallowRef<ReadonlySet<string>>(new Set(hide))
  const without = shallowRef<ReadonlySet<Grade>>(new Set(omit))
  return {
    hidden,
    without,
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
  }
}
