import type { StyleSpecification } from 'maplibre-gl'
import { describe, expect, it } from 'vitest'

import { decodeRisk } from '../src/decode'
import { composeStyle, overlayData } from '../src/map/overlays'
import { formatPeople } from '../src/format'
import { anyPlace, destination, outside, ringAround, ringBounds, ringPeople } from '../src/map/rings'
import { roomy } from '../src/map/markers'
import { absolute, absoluteStyle, filterOf, graded, visibilityOf } from '../src/map/style'
import type { Question } from '../src/model'
import type { Shown } from '../src/map/style'
import riskJson from './fixtures/risk.json'

const INK = { ring: '#111111', scrim: 'rgba(0,0,0,.3)', accent: '#007A66', halo: '#FFFFFF' }
const ALL: Shown = { hidden: new Set(), without: new Set(), riskLayers: new Set(['hazard_points']) }
const STYLE: StyleSpecification = {
  version: 8,
  sprite: '/sprites/dark',
  sources: { hazard_points: { type: 'vector', tiles: ['/tiles/hazard_points/{z}/{x}/{y}.mvt?r=4'] } },
  layers: [
    { id: 'land', type: 'background' },
    { id: 'divisions-line', type: 'line', source: 'hazard_points', metadata: { 'onemap:layer': 'divisions' } },
    {
      id: 'hazard_points-mark', type: 'symbol', source: 'hazard_points', filter: ['==', ['geometry-type'], 'Point'],
      metadata: { 'onemap:layer': 'hazard_points' },
    },
    { id: 'off', type: 'line', source: 'hazard_points', layout: { visibility: 'none' } },
  ],
}
const [, , mark, off] = STYLE.layers

describe('the service’s style', () => {
  it('gets absolute addresses below the page, its braces kept', () => {
    expect(absolute('tiles/{z}/{x}/{y}.mvt', new URL('http://h/sub/'))).toBe('http://h/sub/tiles/{z}/{x}/{y}.mvt')
    const style = absoluteStyle(STYLE, new URL('http://h/'))
    expect(style.sprite).toBe('http://h/sprites/dark')
    expect(style.sources.hazard_points).toMatchObject({ tiles: ['http://h/tiles/hazard_points/{z}/{x}/{y}.mvt?r=4'] })
  })
  it('hides a layer that is not wanted, and keeps off what the service switched off', () => {
    expect(mark && visibilityOf(mark, { ...ALL, hidden: new Set(['hazard_points']) })).toBe('none')
    expect(mark && visibilityOf(mark, ALL)).toBe('visible')
    expect(off && visibilityOf(off, ALL)).toBe('none')
  })
  it('filters risks by grade beside their own filter, 未分级 as a missing grade', () => {
    const own = ['==', ['geometry-type'], 'Point']
    expect(mark && filterOf(mark, ALL)).toEqual(own)
    const filter = mark && filterOf(mark, { ...ALL, without: new Set(['red', 'orange', 'yellow']) })
    expect(filter).toEqual(['all', own, ['in', ['coalesce', ['get', 'grade'], ''], ['literal', ['blue', '']]]])
    expect(mark && filterOf(mark, { ...ALL, without: new Set(['red']), riskLayers: new Set() })).toEqual(own)
  })
  it('asks for tiles that count only the grades shown, since a cell of the worst grade holds others too', () => {
    const without = { ...ALL, without: new Set(['red', 'none'] as const) }
    expect(graded(STYLE, without).sources.hazard_points).toMatchObject({
      tiles: ['/tiles/hazard_points/{z}/{x}/{y}.mvt?r=4&grades=orange,yellow,blue'],
    })
    expect(graded(STYLE, ALL)).toBe(STYLE)
    expect(graded(STYLE, { ...without, riskLayers: new Set() }).sources).toEqual(STYLE.sources)
    const nothing = { ...ALL, without: new Set(['red', 'orange', 'yellow', 'blue', 'none'] as const) }
    expect(graded(STYLE, nothing)).toBe(STYLE)
  })
  it('is drawn with the scrim over the ground and under the risks, rings above', () => {
    const style = composeStyle(STYLE, new Set(['divisions']), ALL, overlayData(null, null, null), INK)
    const ids = style.layers.map((layer) => layer.id)
    expect(ids.slice(0, 5)).toEqual(['land', 'divisions-line', 'wall-scrim', 'hazard_points-mark', 'off'])
    expect(ids.at(-1)).toBe('wall-pointed-point')
  })
})

describe('the drawing of a question', () => {
  const question: Question = { place: { kind: 'point' }, lon: 115.318, lat: 25.957, ringsM: [1000, 3000, 5000], event: null }
  const answer = { ...decodeRisk(riskJson), question }

  it('shows our own rings until the answer is there, then the service’s', () => {
    expect(overlayData(question, null, null).rings.features).toHaveLength(3)
    expect(overlayData(question, answer, null).rings.features).toEqual(answer.rings)
  })
  it('does not mix an old answer with a new question', () => {
    const other = overlayData({ ...question, lat: 26 }, answer, null)
    expect(other.help.features).toEqual([])
    expect(other.rings.features).not.toEqual(answer.rings)
  })
  it('is nothing without a question', () => {
    const { scrim, rings, help } = overlayData(null, answer, null)
    expect([scrim, rings, help].flatMap((part) => part.features)).toEqual([])
  })
})

describe('a ring', () => {
  it('is round on the ground: every corner is as far as was asked', () => {
    const haversine = ([lon = 0, lat = 0]: readonly number[]): number => {
      const rad = Math.PI / 180
      const a = Math.sin(((lat - 26) * rad) / 2) ** 2
        + Math.cos(26 * rad) * Math.cos(lat * rad) * Math.sin(((lon - 115) * rad) / 2) ** 2
      return 2 * 6_371_008.8 * Math.asin(Math.sqrt(a))
    }
    const ring = ringAround(115, 26, 5000).geometry.coordinates[0] ?? []
    expect(ring).toHaveLength(129)
    expect(ring[0]).toEqual(ring.at(-1))
    for (const corner of ring) expect(haversine(corner)).toBeCloseTo(5000, 3)
  })
  it('starts in the north and has a frame around it', () => {
    expect(destination(115, 26, 0, 111_195)[1]).toBeCloseTo(27, 3)
    const [west, south, east, north] = ringBounds(115, 26, 10_000)
    expect(west < 115 && 115 < east && south < 26 && 26 < north).toBe(true)
  })
  it('is cut out of the world', () => {
    expect(outside(ringAround(115, 26, 5000))?.geometry.coordinates).toHaveLength(2)
    expect(outside({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [0, 0] } })).toBeNull()
  })
})

describe('any place of a feature', () => {
  const [feature] = decodeRisk(riskJson).features
  it('is a place of its geometry, whatever its kind', () => {
    if (!feature) throw new Error('the fixture has features')
    expect(anyPlace(feature)).toEqual([115.32, 25.96])
    const polygon = { ...feature, geometry: { type: 'MultiPolygon' as const, coordinates: [[[[1, 2], [3, 4], [5, 6], [1, 2]]]] } }
    expect(anyPlace(polygon)).toEqual([1, 2])
    expect(anyPlace({ ...feature, geometry: { type: 'GeometryCollection', geometries: [] } })).toBeNull()
  })
})

describe('labels of rings', () => {
  const size = { width: 130, height: 28 }
  it('give way to that of a wider ring that they would lie on, by their own size', () => {
    const far = [{ x: 0, y: 0, ...size }, { x: 90, y: -90, ...size }, { x: 200, y: -200, ...size }]
    expect(roomy(far)).toEqual([true, true, true])
    const tight = [{ x: 0, y: 0, ...size }, { x: 90, y: -4, ...size }, { x: 100, y: -10, ...size }]
    expect(roomy(tight)).toEqual([false, false, true])
    const narrow = tight.map((box) => ({ ...box, width: 60, x: box.x * 2 }))
    expect(roomy(narrow)).toEqual([true, false, true])
    expect(roomy([])).toEqual([])
  })
  it('tell who lives inside, and that a part or nothing is known: never 0 for unknown', () => {
    const ring = ringAround(115.3, 25.95, 1000)
    const told = (people: unknown): string => formatPeople(ringPeople({ ...ring, properties: { people } }), 'zh')
    expect(told({ people: 13_478, known_share: 1 })).toBe('约 13,500 人')
    expect(told({ people: 0, known_share: 1 })).toBe('约 0 人')
    expect(told({ people: 431, known_share: 0.6 })).toBe('至少 431 人')
    expect(told({ people: 0, known_share: 0 })).toBe('人口未知')
    expect(told(null)).toBe('人口未知')
    expect(formatPeople({ people: 1279, isWhole: true }, 'en')).toBe('about 1,280 people')
  })
})
