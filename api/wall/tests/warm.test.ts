import type { LayerSpecification } from 'maplibre-gl'
import { describe, expect, it } from 'vitest'

import { waysOf } from '../src/map/warm'

const line = (id: string, paint: object): LayerSpecification => ({ id, type: 'line', source: 'a', paint })

describe('what the graphics card is to prepare', () => {
  const byGrade = ['match', ['get', 'grade'], 'red', '#f00', '#00f']

  it('is one layer for each way of drawing, whatever the values', () => {
    const layers = [
      line('county', { 'line-color': '#111', 'line-width': 1 }),
      line('city', { 'line-width': 2, 'line-color': '#222' }),
      line('dike', { 'line-color': byGrade, 'line-width': 2 }),
      line('bank', { 'line-color': ['match', ['get', 'class'], 1, '#0ff', '#00f'], 'line-width': 5 }),
      line('dashed', { 'line-color': '#111', 'line-width': 1, 'line-dasharray': [2, 2] }),
      line('zoomed', { 'line-color': '#111', 'line-width': ['interpolate', ['linear'], ['zoom'], 5, 1, 9, 3] }),
    ]
    expect(waysOf(layers, new Set()).map(({ id }) => id)).toEqual(['county', 'dike', 'dashed', 'zoomed'])
  })

  it('is nothing that has been prepared, and no marks or rasters, which the first map has drawn', () => {
    const seen = new Set<string>()
    const layers: LayerSpecification[] = [
      line('county', {}),
      { id: 'mark', type: 'symbol', source: 'a' },
      { id: 'relief', type: 'raster', source: 'b' },
      { id: 'ground', type: 'background' },
    ]
    expect(waysOf(layers, seen)).toHaveLength(1)
    expect(waysOf(layers, seen)).toHaveLength(0)
  })
})
