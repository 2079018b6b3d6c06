import type { StyleSpecification } from 'maplibre-gl'
import { describe, expect, it } from 'vitest'

import { cellOf, drawsCells, plated } from '../src/map/clusters'
import { graded, visibilityOf } from '../src/map/style'
import type { Shown } from '../src/map/style'

const GRADE_INK = { red: '#F00', orange: '#F80', yellow: '#FF0', blue: '#00F', none: '#888' }
const STYLE: StyleSpecification = {
  version: 8,
  sources: { risks: { type: 'vector', tiles: ['/tiles/{z}/{x}/{y}.mvt?layers=hazard_points,reservoirs&most=120&v=1'] } },
  layers: [
    { id: 'hazard_points-symbol', type: 'symbol', source: 'risks', metadata: { 'onemap:layer': 'hazard_points' } },
    {
      id: 'cells-plate', type: 'symbol', source: 'risks', 'source-layer': 'cells', layout: { 'text-field': '1 / 2' },
      metadata: {
        'onemap:cells': 'plate',
        'onemap:plate': { theme: 'dark', panel: '#111', line: '#222', ink: '#EEE', ink2: '#BBB', fills: GRADE_INK, edges: GRADE_INK },
      },
    },
  ],
}
const [, plate] = STYLE.layers
const ALL: Shown = { hidden: new Set(), without: new Set(), riskLayers: new Set(['hazard_points', 'reservoirs']) }

describe('a plate', () => {
  it('is drawn whole, named by its figures, in place of the figures that any client can draw', () => {
    const drawn = plated(STYLE).layers[1]
    expect(drawn).toMatchObject({ layout: { 'icon-allow-overlap': true } })
    expect(JSON.stringify(drawn)).toContain('plate/dark/far/')
    expect(drawn?.layout).not.toHaveProperty('text-field')
    expect(plated({ ...STYLE, layers: STYLE.layers.slice(0, 1) }).layers).toEqual(STYLE.layers.slice(0, 1))
  })
  it('says what it counts and where; a single risk is none', () => {
    const properties = {
      total: 3, red: 1, orange: 0, yellow: 0, blue: 2, none: 0, layers: '{"hazard_points":2,"reservoirs":1}', bounds: '114,25,114.5,25.2',
    }
    expect(cellOf(properties)).toEqual({
      counts: { red: 1, orange: 0, yellow: 0, blue: 2, none: 0 },
      total: 3,
      layers: { hazard_points: 2, reservoirs: 1 },
      bounds: [114, 25, 114.5, 25.2],
    })
    expect(cellOf({ ...properties, total: 1 })).toBeNull()
    expect(cellOf({})).toBeNull()
  })
})

describe('the tiles of all risks', () => {
  it('count only the layers that are shown', () => {
    const shown = { ...ALL, hidden: new Set(['reservoirs']) }
    expect(graded(STYLE, shown).sources.risks).toMatchObject({ tiles: ['/tiles/{z}/{x}/{y}.mvt?layers=hazard_points&most=120&v=1'] })
    expect(graded(STYLE, ALL)).toBe(STYLE)
  })
  it('are not drawn when no risk is shown', () => {
    expect(plate && drawsCells(plate)).toBe(true)
    expect(plate && visibilityOf(plate, ALL)).toBe('visible')
    expect(plate && visibilityOf(plate, { ...ALL, hidden: new Set(['hazard_points', 'reservoirs']) })).toBe('none')
    expect(plate && visibilityOf(plate, { ...ALL, hidden: new Set(['reservoirs']) })).toBe('visible')
  })
})
