/** Carries out the wall's keys, wherever the focus is but where somebody writes. */
import { onBeforeUnmount, onMounted } from 'vue'

import { isWriting, verbOf } from './keys'
import type { Verb } from './keys'
import { anyPlace } from './map/rings'
import { listFrame } from './state/inFrame'
import type { Wall } from './state/wall'

/** Asks again from the feature whose card is open, else from the one that is pointed at. */
function askAgainFrom(wall: Wall): void {
  const answer = wall.answer.value
  const id = wall.card.value ?? wall.pointed.value
  const rows = wall.row.value ? [wall.row.value] : []
  const known = answer ? [...answer.features, ...answer.nearest.flatMap((group) => group.features), ...rows] : rows
  const found = known.find((feature) => feature.id === id)
  const place = found && anyPlace(found)
  if (found && place) wall.askFrom(found.id, place[0] ?? 0, place[1] ?? 0)
}

function obey(wall: Wall, verb: Verb): void {
  switch (verb.do) {
    case 'tour': wall.tour.toggle(); break
    case 'full': wall.settings.fullScreen(); break
    case 'theme': wall.settings.otherTheme(); break
    case 'previous': wall.saved.step(-1); break
    case 'next': wall.saved.step(1); break
    case 'help': wall.opened.value = wall.opened.value === 'help' ? null : 'help'; break
    case 'again': askAgainFrom(wall); break
    case 'list': listFrame(wall); break
    case 'grade':
      if (verb.only) wall.selection.onlyGrade(verb.grade)
      else wall.selection.toggleGrade(verb.grade)
  }
}

/** Keys for as long as the component lives; any touch or other key lets the tour rest. */
export function useKeys(wall: Wall): void {
  const onKey = (event: KeyboardEvent): void => {
    const verb = isWriting(event.target) || event.defaultPrevented ? null : verbOf(event)
    if (verb?.do !== 'tour') wall.tour.touched()
    if (!verb) return
    event.preventDefault()
    obey(wall, verb)
  }
  const onTouch = (event: Event): void => {
    // The button of the tour itself is no disturbance of it.
    if (event.target instanceof Element && event.target.closest('[data-tour]')) return
    wall.tour.touched()
  }
  onMounted(() => {
    window.addEventListener('keydown', onKey)
    window.addEventListener('pointerdown', onTouch, { capture: true })
    window.addEventListener('wheel', onTouch, { capture: true, passive: true })
  })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKey)
    window.removeEventListener('pointerdown', onTouch, { capture: true })
    window.removeEventListener('wheel', onTouch, { capture: true })
    wall.tour.stop()
  })
}
