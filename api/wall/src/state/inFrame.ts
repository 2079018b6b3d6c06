/** What is in view, as a list: for those who cannot point at a plate, and for touch, where there is no Shift. */
import type { Cell } from '../map/clusters'
import { NO_COUNTS } from './sums'
import type { Wall } from './wall'

/** What is listed: a plate, or the whole frame, whose figures are known when it has been listed. */
export interface Listed extends Cell {
  readonly isFrame?: boolean
}

/** Lists the risks in view, worst first; again puts the list away. */
export function listFrame(wall: Wall): void {
  const bounds = wall.frame.value
  if (wall.cluster.value?.isFrame || !bounds) {
    wall.cluster.value = null
    return
  }
  const shown = [...wall.layers.value.values()].filter((layer) => layer.graded && !wall.selection.hidden.value.has(layer.name))
  wall.card.value = null
  wall.cluster.value = { isFrame: true, bounds, counts: NO_COUNTS, total: 0, layers: Object.fromEntries(shown.map((layer) => [layer.name, 0])) }
}
