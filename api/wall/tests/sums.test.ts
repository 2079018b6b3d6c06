import { describe, expect, it } from 'vitest'

import { decodeCatalogue, decodeRisk } from '../src/decode'
import type { LegendEntry } from '../src/model'
import { createSelection } from '../src/state/selection'
import {
  byFamily, countsByLayer, countsByRing, gradeStyles, homeExtent, oldestData, peopleByRing, placeName, riskCounts, totalOf, worstGrade,
} from '../src/state/sums'
import layersJson from './fixtures/layers.json'
import riskJson from './fixtures/risk.json'

const { layers } = decodeCatalogue(layersJson)
const answer = decodeRisk(riskJson)

describe('the key figures', () => {
  it('add up the risks that are shown, and nothing else', () => {
    expect(riskCounts(layers, new Set())).toEqual({ red: 60, orange: 112, yellow: 153, blue: 136, none: 8 })
    expect(riskCounts(layers, new Set(['enterprises']))).toEqual({ red: 3, orange: 10, yellow: 40, blue: 120, none: 7 })
  })
  it('equal the family’s total in the panel', () => {
    const family = byFamily(layers).find((group) => group.family === 'risk')
    expect(totalOf(riskCounts(layers, new Set()))).toBe(family?.total)
  })
  it('stand in the catalogue’s order of families', () => {
    expect(byFamily(layers).map((group) => group.title)).toEqual(['风险隐患', '应急资源', '底图'])
  })
  it('frame what was found, not the ground; the ground when there is nothing else', () => {
    expect(homeExtent({ layers, rasters: [], extent: [113, 24, 118, 30] })).toEqual([114.1, 24.6, 116.5, 27.0])
    const far = layers.map((layer) => (layer.name === 'shelters' ? { ...layer, extent: [115, 24, 117, 25] as const } : layer))
    expect(homeExtent({ layers: far, rasters: [], extent: null })).toEqual([114.1, 24, 117, 27.0])
    expect(homeExtent({ layers: [], rasters: [], extent: [1, 2, 3, 4] })).toEqual([1, 2, 3, 4])
  })
  it('know the oldest data; a layer without a date is no old layer', () => {
    expect(oldestData(layers)).toMatchObject({ date: '2026-05-01', layer: { name: 'hazard_points' } })
    expect(oldestData([])).toBeNull()
  })
})

describe('an answer’s sums', () => {
  const rows = countsByLayer(answer.counts)

  it('add the rings up by layer', () => {
    expect(rows).toEqual([
      { layer: 'hazard_points', counts: { red: 0, orange: 1, yellow: 0, blue: 0, none: 2 }, total: 3 },
      { layer: 'shelters', counts: { red: 0, orange: 0, yellow: 0, blue: 0, none: 4 }, total: 4 },
    ])
  })
  it('are the same by ring and by layer, an empty ring included', () => {
    const rings = countsByRing(answer.counts, [500, 1000, 3000, 5000], (layer) => layer !== 'shelters')
    const sums = rings.map((ring) => totalOf(ring.risks) + ring.others)
    expect(sums).toEqual([0, 1, 4, 2])
    expect(rings.map((ring) => ring.fromM)).toEqual([0, 500, 1000, 3000])
    expect(sums.reduce((sum, each) => sum + each, 0)).toBe(rows.reduce((sum, row) => sum + row.total, 0))
    expect(rings.reduce((sum, ring) => sum + ring.others, 0), 'shelters are no risks').toBe(4)
  })
  it('tell the people of a band, and not where one of its rings is unknown or known in part', () => {
    const whole = (people: number) => ({ people, isWhole: true })
    expect(peopleByRing([whole(1279), whole(4101), whole(13_478)])).toEqual([1279, 2822, 9377])
    expect(peopleByRing([whole(10), null, whole(30)])).toEqual([10, null, null])
    expect(peopleByRing([{ people: 4, isWhole: false }, whole(9)])).toEqual([null, null])
  })
  it('name the worst grade of the risks; ungraded alone is no grade', () => {
    expect(worstGrade(rows, () => true)).toBe('orange')
    expect(worstGrade(rows, (layer) => layer === 'shelters')).toBeNull()
  })
  it('name the place from the largest to the smallest', () => {
    expect(placeName(answer)).toBe('赣州市 于都县')
  })
})

describe('how grades are drawn', () => {
  const item = (grade: 'red' | 'none', shape: 'diamond' | 'square' | 'ring', color: string) =>
    ({ grade, shape, color, title: '', code: '', outline: '#000000' })
  const legend: readonly LegendEntry[] = [
    { layer: 'shelters', family: 'resource', symbol: 'shelter', items: [item('none', 'square', '#007A66')] },
    { layer: 'hazard_points', family: 'risk', symbol: null, items: [item('red', 'diamond', '#F0483E'), item('none', 'ring', '#8C98A5')] },
  ]
  it('comes from the legend of the risks, so that 未分级 is never a shelter’s plate', () => {
    expect(gradeStyles(legend).get('none')).toMatchObject({ shape: 'ring', color: '#8C98A5' })
    expect(gradeStyles(legend).get('red')?.shape).toBe('diamond')
    expect(gradeStyles(legend).has('blue')).toBe(false)
  })
})

describe('the selection', () => {
  it('hides and shows layers and grades', () => {
    const selection = createSelection(['shelters'], [])
    selection.toggleLayer('shelters')
    selection.setLayers(['a', 'b'], false)
    expect([...selection.hidden.value]).toEqual(['a', 'b'])
    selection.setLayers(['a'], true)
    expect([...selection.hidden.value]).toEqual(['b'])
  })
  it('never hides every grade, since an empty map looks safe', () => {
    const selection = createSelection([], ['red', 'orange', 'yellow', 'blue'])
    selection.toggleGrade('none')
    expect(selection.without.value.size).toBe(0)
  })
  it('shows one grade alone, and all of them again', () => {
    const selection = createSelection([], [])
    selection.onlyGrade('red')
    expect([...selection.without.value]).toEqual(['orange', 'yellow', 'blue', 'none'])
    selection.onlyGrade('red')
    expect(selection.without.value.size).toBe(0)
  })
})
