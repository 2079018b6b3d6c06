/** Page and wall kept in step: the address's hash, the document's language, theme, title and the grades' colours. */
import { watch, watchEffect } from 'vue'

import { formatHash } from './url'
import type { Wall } from './wall'

/** The address changes at most this often while the map is being dragged (browsers limit it). */
const SETTLE_MS = 250

/** Follows the wall for as long as the page lives. */
export function keepAddress(wall: Wall): void {
  const root = document.documentElement
  let timer = 0
  // A link pasted into the open page: the wall itself replaces the address without this event.
  window.addEventListener('hashchange', () => {
    window.location.reload()
  })
  const write = (): void => {
    // Replaced, not pushed: "back" leaves the wall instead of undoing a drag.
    window.history.replaceState(null, '', formatHash(wall.link()) || window.location.pathname)
  }
  watch(() => wall.link(), () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(write, SETTLE_MS)
  })
  watchEffect(() => {
    root.lang = wall.settings.lang.value === 'zh' ? 'zh-CN' : 'en'
    root.dataset.theme = wall.settings.theme.value
    document.title = wall.t('title')
  })
  watchEffect(() => {
    for (const [grade, item] of wall.grades.value) {
      root.style.setProperty(`--${grade}`, item.color)
      root.style.setProperty(`--${grade}-edge`, item.outline)
    }
  })
}
