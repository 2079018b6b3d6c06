import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, ref, shallowRef } from 'vue'

import { ApiError } from '../src/api'
import type { Bounds, Counts, LayerInfo } from '../src/model'
import { createWatching } from '../src/state/watching'
import type { Figures, FiguresQuery, Scope } from '../src/watchModel'

const COUNTS: Counts = { red: 1, orange: 0, yellow: 2, blue: 0, none: 3 }
const LAYER = { name: 'x', risk: true, graded: true, extent: [114, 24, 116, 27], counts: COUNTS, total: 6 } as unknown as LayerInfo
const WHOLE: Bounds = [110, 20, 120, 30]
const PART: Bounds = [115, 25, 115.1, 25.1]

/** A service that counts as many reds as it was asked times, or fails. */
function watched(scope: Scope) {
  const asked: FiguresQuery[] = []
  const isDown = ref(false)
  const figures = (query: FiguresQuery): Promise<Figures> => {
    asked.push(query)
    if (isDown.value) return Promise.reject(new ApiError('status', 'HTTP 503'))
    const counts = { ...COUNTS, red: asked.length }
    return Promise.resolve({ total: 6, counts, layers: new Map([['x', { layer: 'x', counts, total: 6 }]]), counties: [], townships: [] })
  }
  const layers = shallowRef<readonly LayerInfo[]>([])
  const frame = shallowRef<Bounds | null>(null)
  const watching = createWatching({
    client: { figures } as never, settings: { lang: ref('zh') } as never, layers, hidden: computed(() => new Set<string>()), frame, scope,
  })
  layers.value = [LAYER]
  return { ...watching, asked, isDown, frame }
}

const rest = (ms = 300): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

describe('the figures of a frame', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  it('that could not be counted are unknown, neither those of the frame before nor 0, and are tried again', async () => {
    const wall = watched('frame')
    await rest()
    expect(wall.strip.value?.red).toBe(1)
    wall.isDown.value = true
    wall.frame.value = PART
    await rest()
    expect(wall.isUnknown.value).toBe(true)
    expect(wall.strip.value).toBeNull()
    expect(wall.figuresOf(LAYER)).toBeNull()
    expect(wall.inFrame.value).toBeNull()
    wall.isDown.value = false
    await rest(5000)
    expect(wall.strip.value?.red).toBe(3)
    expect(wall.inFrame.value?.red).toBe(3)
    expect(wall.asked.at(-1)?.frame).toEqual(PART)
  })
  it('stay unknown while they are tried again', async () => {
    const wall = watched('frame')
    await rest()
    wall.isDown.value = true
    await wall.recount()
    expect(wall.strip.value).toBeNull()
    await rest(12_000)
    expect(wall.strip.value).toBeNull()
    expect(wall.asked).toHaveLength(4)
  })
  it('are counted beside everything where everything is counted, and only where the frame holds less', async () => {
    const wall = watched('all')
    await rest()
    wall.frame.value = WHOLE
    await rest()
    expect(wall.asked.map((query) => query.frame)).toEqual([null])
    expect(wall.inFrame.value?.red).toBe(1)
    wall.frame.value = PART
    expect(wall.inFrame.value).toBeNull()
    await rest()
    expect(wall.asked.map((query) => query.frame)).toEqual([null, PART])
    expect(wall.inFrame.value?.red).toBe(2)
    expect(wall.strip.value?.red).toBe(1)
  })
  it('are of the very frame: while it moves, none is known', async () => {
    const wall = watched('frame')
    wall.frame.value = PART
    await rest()
    expect(wall.inFrame.value?.red).toBe(1)
    wall.frame.value = [115.1, 25, 115.2, 25.1]
    expect(wall.inFrame.value).toBeNull()
    await rest()
    expect(wall.inFrame.value?.red).toBe(2)
  })
})
