import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref, shallowRef } from 'vue'

import { ApiError } from '../src/api'
import type { Lang } from '../src/model'
import { useWorst, worstOf } from '../src/state/worst'
import { decodeWorst } from '../src/watchDecode'
import type { Worst, WorstQuery } from '../src/watchModel'

const FRAME = [114, 24, 116, 26] as const
const QUERY: WorstQuery = { layers: ['x'], grades: ['red'], box: FRAME, limit: 20 }
const worst = (name: string): Worst => ({
  risks: [{
    id: `x/s/${name}`, layer: 'x', source: 's', sourceId: name, name, grade: 'red', basis: null, distanceM: null, bearingDeg: null,
    dataDate: null, demo: false, geometry: { type: 'Point', coordinates: [115, 25] }, division: null,
  }],
  isCut: false,
})

/** A list whose answers are given by hand, in any order. */
function watched(isAwaited = false) {
  const waiting: { readonly query: WorstQuery; readonly signal: AbortSignal | undefined; readonly give: (value: Worst) => void; readonly fail: (reason: ApiError) => void }[] = []
  const client = {
    worst: (query: WorstQuery, _: Lang, signal?: AbortSignal) =>
      new Promise<Worst>((give, fail) => { waiting.push({ query, signal, give, fail }) }),
  }
  const query = shallowRef<WorstQuery | null>(QUERY)
  const [edition, isLost, lang] = [ref(0), ref(false), ref<Lang>('zh')]
  const scope = effectScope()
  const use = scope.run(() => useWorst({ client, lang, query, edition, isLost, isAwaited }))
  if (!use) throw new Error('no scope')
  return { ...use, waiting, query, edition, isLost, lang, scope, names: () => use.listing.value?.risks.map((risk) => risk.name) ?? [] }
}

const rest = (ms = 300): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

describe('the worst in view', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })

  it('are asked once the frame has come to rest, and not while it moves', async () => {
    const wall = watched()
    for (let step = 1; step <= 5; step += 1) {
      await rest(200)
      wall.query.value = { ...QUERY, box: [114 + step, 24, 116 + step, 26] }
    }
    expect(wall.waiting).toHaveLength(0)
    await rest()
    expect(wall.waiting.map((asked) => asked.query.box[0])).toEqual([119])
    wall.waiting[0]?.give(worst('a'))
    await rest(0)
    expect(wall.isCurrent.value).toBe(true)
    expect(wall.names()).toEqual(['a'])
  })
  it('are no longer current at the moment that the frame, a filter, the language or the data changes', async () => {
    const wall = watched()
    const answered = async (): Promise<void> => {
      await rest()
      wall.waiting.at(-1)?.give(worst(String(wall.waiting.length)))
      await rest(0)
      expect(wall.isCurrent.value).toBe(true)
    }
    await answered()
    const changes = [
      () => { wall.query.value = { ...QUERY, box: [100, 20, 101, 21] } },
      () => { wall.query.value = { ...QUERY, grades: ['orange'] } },
      () => { wall.query.value = { ...QUERY, layers: ['y'] } },
      () => { wall.lang.value = 'en' },
      () => { wall.edition.value += 1 },
    ]
    for (const change of changes) {
      change()
      expect(wall.isCurrent.value).toBe(false)
      await answered()
    }
    expect(wall.waiting).toHaveLength(6)
  })
  it('of a question that was overtaken are not shown, whichever answer comes last', async () => {
    const wall = watched()
    await rest()
    wall.query.value = { ...QUERY, box: [100, 20, 101, 21] }
    await rest()
    wall.waiting[1]?.give(worst('new'))
    wall.waiting[0]?.give(worst('old'))
    await rest(0)
    expect(wall.waiting[0]?.signal?.aborted).toBe(true)
    expect(wall.names()).toEqual(['new'])
    expect(wall.isCurrent.value).toBe(true)
  })
  it('that come while the frame moves on are not taken for those of the new frame', async () => {
    const wall = watched()
    await rest()
    wall.query.value = { ...QUERY, box: [100, 20, 101, 21] }
    wall.waiting[0]?.give(worst('old'))
    await rest(0)
    expect(wall.names()).toEqual(['old'])
    expect(wall.isCurrent.value).toBe(false)
  })
  it('are not current while nobody tells of changes', async () => {
    const wall = watched()
    await rest()
    wall.waiting[0]?.give(worst('a'))
    await rest(0)
    wall.isLost.value = true
    expect(wall.isCurrent.value).toBe(false)
    wall.isLost.value = false
    expect(wall.isCurrent.value).toBe(true)
  })
  it('fail aloud, and are asked again by hand', async () => {
    const wall = watched()
    await rest()
    wall.waiting[0]?.fail(new ApiError('offline', 'gone'))
    await rest(0)
    expect(wall.listing.status).toBe('failed')
    expect(wall.isCurrent.value).toBe(false)
    void wall.askAgain()
    wall.waiting[1]?.give(worst('a'))
    await rest(0)
    expect(wall.isCurrent.value).toBe(true)
    expect(wall.hasFailed.value).toBe(false)
  })
  it('are asked again by themselves after a failure, which is told until an answer has come', async () => {
    const wall = watched()
    await rest()
    wall.waiting[0]?.fail(new ApiError('offline', 'gone'))
    await rest(5000)
    expect(wall.waiting).toHaveLength(2)
    expect(wall.hasFailed.value).toBe(true)
    wall.waiting[1]?.give(worst('a'))
    await rest(0)
    expect(wall.hasFailed.value).toBe(false)
    await rest(20_000)
    expect(wall.waiting).toHaveLength(2)
  })
  it('turn old to see only when no answer comes soon', async () => {
    const wall = watched()
    await rest()
    wall.waiting[0]?.give(worst('a'))
    await rest(0)
    wall.isLost.value = true
    await rest(200)
    expect(wall.isOld.value).toBe(false)
    await rest(100)
    expect(wall.isOld.value).toBe(true)
    wall.isLost.value = false
    await rest(0)
    expect(wall.isOld.value).toBe(false)
  })
  it('are asked at once where somebody waits for the first of them', async () => {
    const wall = watched(true)
    await rest(0)
    expect(wall.waiting).toHaveLength(1)
    wall.waiting[0]?.give(worst('a'))
    await rest(0)
    wall.edition.value += 1
    await rest(299)
    expect(wall.waiting).toHaveLength(1)
    await rest(1)
    expect(wall.waiting).toHaveLength(2)
  })
  it('are put away when there is nothing to ask, and when nobody looks any more', async () => {
    const wall = watched()
    await rest()
    wall.waiting[0]?.give(worst('a'))
    await rest(0)
    wall.query.value = null
    await rest()
    expect(wall.listing).toMatchObject({ status: 'idle', value: null })
    wall.query.value = QUERY
    wall.scope.stop()
    await rest(1000)
    expect(wall.waiting).toHaveLength(1)
  })
})

describe('the question for the worst', () => {
  const layers = [{ name: 'x', graded: true }, { name: 'y', graded: true }, { name: 'shelters', graded: false }] as never
  it('is of the layers and grades that are shown; what has no grade is not ranked', () => {
    expect(worstOf(layers, new Set(['y']), new Set(['yellow'] as const), FRAME, 20)).toEqual({ layers: ['x'], grades: ['red', 'orange', 'blue'], box: FRAME, limit: 20 })
  })
  it('is none where nothing can be listed', () => {
    expect(worstOf(layers, new Set(['x', 'y']), new Set(), FRAME, 20)).toBeNull()
    expect(worstOf(layers, new Set(), new Set(['red', 'orange', 'yellow', 'blue'] as const), FRAME, 20)).toBeNull()
    expect(worstOf(layers, new Set(), new Set(), null, 20)).toBeNull()
  })
})

describe('the answer of the worst', () => {
  const feature = {
    geometry: { type: 'Point', coordinates: [115, 25] },
    properties: { layer: 'x', source: 's', source_id: '1', name: null, grade: 'red', grade_basis: { zh: '甲', en: 'a' }, division: '于都县 银坑镇' },
  }
  it('has places in words, and says whether there are more', () => {
    const told = decodeWorst({ features: [feature], truncated: true })
    expect(told).toMatchObject({ isCut: true, risks: [{ id: 'x/s/1', name: '1', division: '于都县 银坑镇', basis: { zh: '甲' } }] })
    expect(decodeWorst({ features: [{ ...feature, properties: { ...feature.properties, division: null } }], truncated: false }).risks[0]?.division).toBeNull()
  })
  it('that is not as promised is refused with its path', () => {
    expect(() => decodeWorst({ features: [{ ...feature, properties: { layer: 'x' } }] })).toThrow('features[0].source')
  })
})
