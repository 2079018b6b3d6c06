import type { Polygon } from 'geojson'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { decodeCapacity } from '../src/capacity'
import { rowsShown, sayRow, stackedBars } from '../src/charts'
import type { ChartRow } from '../src/charts'
import { outlinePath, parted, projectionOf } from '../src/cityMap'
import { formatMoment, formatSigned } from '../src/format'
import { verbOf } from '../src/keys'
import { times } from '../src/map/opacity'
import { rootPx } from '../src/pitch'
import { decodeRasterLegends } from '../src/rasterLegend'
import { canShow, exhibitOf } from '../src/state/ordering'
import { createSelection } from '../src/state/selection'
import { coversData } from '../src/state/sums'
import { createTour } from '../src/state/tour'
import { formatHash, parseHash } from '../src/state/url'
import { viewsOf } from '../src/state/views'
import { decodeExhibits } from '../src/watchApi'
import { decodeChanges, decodeFigures, decodeOverdue } from '../src/watchDecode'

const COUNTS = { red: 1, orange: 0, yellow: 2, blue: 0, none: 3 }
const square: Polygon = { type: 'Polygon', coordinates: [[[114, 25], [116, 25], [116, 27], [114, 27], [114, 25]]] }

describe('the tour', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers() })
  it('shows a view at once and the next after its time', () => {
    const next = vi.fn(() => true)
    const tour = createTour({ next, viewMs: () => 30_000, restMs: () => 180_000 })
    tour.toggle()
    vi.advanceTimersByTime(60_000)
    expect(next).toHaveBeenCalledTimes(3)
    tour.toggle()
    vi.advanceTimersByTime(600_000)
    expect(next).toHaveBeenCalledTimes(3)
    expect(tour.state.value).toBe('off')
  })
  it('rests at a touch, begins the rest anew at another, and goes on', () => {
    const next = vi.fn(() => true)
    const tour = createTour({ next, viewMs: () => 30_000, restMs: () => 180_000 })
    tour.toggle()
    tour.touched()
    vi.advanceTimersByTime(179_000)
    tour.touched()
    vi.advanceTimersByTime(179_000)
    expect(tour.state.value).toBe('resting')
    vi.advanceTimersByTime(1000)
    expect(tour.state.value).toBe('running')
    expect(next).toHaveBeenCalledTimes(2)
  })
  it('ends where there is nothing to show, and a touch starts none', () => {
    const tour = createTour({ next: () => false, viewMs: () => 1, restMs: () => 1 })
    tour.toggle()
    expect(tour.state.value).toBe('off')
    tour.touched()
    expect(tour.state.value).toBe('off')
  })
})

describe('keys', () => {
  const pressed = (key: string, code = '', more: object = {}) => verbOf({ key, code, altKey: false, ctrlKey: false, metaKey: false, ...more })
  it('mean what the help says', () => {
    expect(pressed('T')).toEqual({ do: 'tour' })
    expect(pressed('?')).toEqual({ do: 'help' })
    expect(pressed('3', 'Digit3')).toEqual({ do: 'grade', grade: 'yellow', only: false })
    expect(pressed('™', 'Digit2', { altKey: true })).toEqual({ do: 'grade', grade: 'orange', only: true })
  })
  it('leave the browser its own', () => {
    expect(pressed('f', 'KeyF', { ctrlKey: true })).toBeNull()
    expect(pressed('6', 'Digit6')).toBeNull()
    expect(pressed('t', 'KeyT', { altKey: true })).toBeNull()
  })
})

describe('opacity', () => {
  it('multiplies the style’s own, whatever it is', () => {
    expect(times(undefined, 0.5)).toBe(0.5)
    expect(times(0.8, 0.5)).toBe(0.4)
    expect(times(['get', 'o'], 0.5)).toEqual(['*', ['get', 'o'], 0.5])
  })
  it('keeps an expression over the zoom outermost', () => {
    expect(times(['interpolate', ['linear'], ['zoom'], 5, 0.2, 9, 1], 0.5)).toEqual(['interpolate', ['linear'], ['zoom'], 5, 0.1, 9, 0.5])
    expect(times(['step', ['zoom'], 0.4, 8, ['get', 'o']], 0.5)).toEqual(['step', ['zoom'], 0.2, 8, ['*', ['get', 'o'], 0.5]])
  })
  it('is kept per layer, and full opacity is none at all', () => {
    const selection = createSelection([], [])
    selection.setOpacity('shelters', 0.3)
    selection.setOpacity('helipads', 0.01)
    expect([...selection.opacity.value]).toEqual([['shelters', 0.3], ['helipads', 0.1]])
    selection.setOpacity('shelters', 1)
    expect([...selection.opacity.value.keys()]).toEqual(['helipads'])
  })
})

describe('a link', () => {
  it('keeps scene, scope, opacity and rasters, and gives them back', () => {
    const hash = '#hide=shelters&fade=hazard_points:60&ground=hillshade:1,demo-population:0&scene=flood&count=all'
    expect(formatHash(parseHash(hash))).toBe(hash)
  })
  it.each(['fade=x:5', 'fade=x:200', 'ground=x:2', 'count=some', 'scene=<b>'])('leaves out what makes no sense: %s', (hash) => {
    expect(parseHash(`#${hash}`)).toEqual({})
  })
  it('of a duty shows its own views and those of none', () => {
    const views = [{ name: 'a', duty: 'flood', link: '#' }, { name: 'b', duty: '', link: '#' }, { name: 'c', duty: 'forest', link: '#' }]
    expect(viewsOf(views, 'flood').map((view) => view.name)).toEqual(['a', 'b'])
    expect(viewsOf(views, null)).toHaveLength(3)
  })
})

describe('figures', () => {
  it('are decoded, and what is not promised is refused', () => {
    const told = { total: 6, counts: COUNTS, layers: [{ layer: 'x', counts: COUNTS, total: 6 }], divisions: [], townships: [] }
    expect(decodeFigures(told).layers.get('x')?.total).toBe(6)
    expect(() => decodeFigures({ ...told, total: 'many' })).toThrow('total')
  })
  it('of a frame that holds all data are those of everything', () => {
    const layer = { risk: true, extent: [114, 24, 116, 27] as const }
    expect(coversData([113, 23, 117, 28], [layer] as never)).toBe(true)
    expect(coversData([115, 23, 117, 28], [layer] as never)).toBe(false)
    expect(coversData(null, [layer] as never)).toBe(true)
  })
  it('of changes name the feature, or the kinds of a bulk load', () => {
    const line = { key: 'k', at: '2026-11-22T01:00:00Z', layer: 'x', kind: 'bulk', id: null, n: 5, kinds: { inserted: 5 } }
    const told = decodeChanges({ total: 1, features: 5, by_hour: [0, 1], gained: { x: { red: -2 } }, changes: [line] })
    expect(told.lines[0]).toMatchObject({ id: null, n: 5, kinds: { inserted: 5 } })
    expect(told.gained.get('x')?.red).toBe(-2)
    expect(() => decodeChanges({ total: 1, features: 1, by_hour: [], gained: {}, changes: [{ ...line, kind: 'eaten' }] })).toThrow('kind')
  })
  it('of the overdue leave out what is only due, and find a place in an area', () => {
    const row = (state: string) => ({ id: `e/s/${state}`, geometry: { type: 'MultiPolygon', coordinates: [square.coordinates] }, properties: { layer: 'e', state, grade: 'red' } })
    const told = decodeOverdue({ features: { features: [row('overdue'), row('due')] } })
    expect(told).toMatchObject([{ id: 'e/s/overdue', lon: 114, lat: 25, days: null }])
  })
  it('of beds say unknown where it is', () => {
    const ring = { radius_m: 1000, shelters: 2, capacity_people: 300, people: null, enough: null, why: { zh: '甲', en: 'a' } }
    expect(decodeCapacity([ring])).toMatchObject([{ isEnough: null, people: null, why: { zh: '甲' } }])
    expect(decodeCapacity(undefined)).toEqual([])
  })
})

describe('a chart', () => {
  const rows: ChartRow[] = [{ key: 'a', title: '<b>甲</b>', counts: COUNTS }, { key: 'b', title: '乙', counts: { ...COUNTS, red: 0, yellow: 0, none: 0 } }]
  const ink = { ink: '#fff', faint: '#888', line: '#333', font: 'x', px: 14, fills: { red: '#f00', orange: '#f80', yellow: '#ff0', blue: '#00f', none: '#999' } }
  it('leaves out rows without anything to show and grades that are switched off', () => {
    expect(rowsShown(rows, new Set()).map((row) => row.key)).toEqual(['a'])
    const option = stackedBars(rows, new Set(['red'] as const), ink, (grade) => grade)
    expect(option.series.map((series) => series.name)).toEqual(['orange', 'yellow', 'blue', 'none'])
    expect(option.series[1]?.data).toEqual([2, 0])
  })
  it('draws names as text and says its rows in words', () => {
    expect(stackedBars(rows, new Set(), ink, (grade) => grade).tooltip.renderMode).toBe('richText')
    expect(sayRow(rows[0] as ChartRow, new Set(['none'] as const), (grade) => grade)).toBe('<b>甲</b>: red 1, yellow 2')
  })
})

describe('the small map', () => {
  it('fits outlines into its box, north up', () => {
    const project = projectionOf([square], 800, 940)
    const [west = 0, south = 0] = project?.(114, 25) ?? []
    const [east = 0, north = 0] = project?.(116, 27) ?? []
    expect(west).toBeGreaterThan(0)
    expect(east).toBeLessThan(800)
    expect(north).toBeLessThan(south)
    expect((east - west) / (south - north)).toBeCloseTo(Math.cos((26 * Math.PI) / 180), 6)
    expect(project && outlinePath(square, project)).toMatch(/^M[\d. ]+(L[\d. ]+){4}Z$/)
    expect(projectionOf([], 800, 940)).toBeNull()
  })
  it('moves plates apart until none lies on another', () => {
    const plates = parted([{ x: 100, y: 100 }, { x: 110, y: 104 }, { x: 95, y: 90 }], 100, 40)
    for (const [at, one] of plates.entries()) {
      for (const other of plates.slice(at + 1)) {
        expect(Math.abs(one.x - other.x) >= 99.9 || Math.abs(one.y - other.y) >= 39.9).toBe(true)
      }
    }
  })
})

describe('an exhibit', () => {
  const point = { place: { kind: 'point' }, lon: 115, lat: 26, ringsM: [1, 2, 3, 4, 5, 6], event: null } as const
  const inDivision = { ...point, place: { kind: 'division', code: '360731' }, ringsM: [0] } as const
  const wanted = { place: '', division: null, layers: null, grades: null, today: new Date(2026, 10, 22) }
  it('is of the very question, with at most five rings', () => {
    expect(exhibitOf(point, { ...wanted, place: '于都县罗坳镇', layers: ['shelters'], grades: ['red'] })).toEqual({
      kind: 'surroundings', lon: 115, lat: 26, radius_m: [2, 3, 4, 5, 6], place: '于都县罗坳镇', layers: ['shelters'], grades: ['red'],
    })
  })
  it('of a division is its hazards', () => {
    expect(exhibitOf(inDivision, { ...wanted, division: '360731' })).toEqual({ kind: 'hazards', division: '360731' })
  })
  it('of another kind has what that kind asks for, of the county where the place lies', () => {
    const county = { ...wanted, division: '360731' }
    expect(exhibitOf(point, county, 'resources')).toEqual({ kind: 'resources', division: '360731' })
    expect(exhibitOf(point, county, 'comparison')).toEqual({ kind: 'comparison', division: '360731', since: '2026-10-23' })
    expect(exhibitOf(point, county, 'assessment')).toEqual({ kind: 'assessment', division: '360731', period: '2026-11' })
    expect(exhibitOf(point, county, 'thematic')).toMatchObject({ kind: 'thematic', lon: 115, lat: 26 })
    expect(exhibitOf(inDivision, county, 'thematic')).toEqual({ kind: 'thematic', division: '360731' })
  })
  it('is offered of those kinds only that its question can fill', () => {
    const all = ['surroundings', 'thematic', 'hazards']
    expect(all.filter((kind) => canShow(kind, point, null))).toEqual(['surroundings', 'thematic'])
    expect(all.filter((kind) => canShow(kind, point, '36'))).toEqual(all)
    expect(all.filter((kind) => canShow(kind, inDivision, '36'))).toEqual(['thematic', 'hazards'])
  })
  it('comes in the kinds and formats that the service names', () => {
    const told = { kinds: [{ name: 'hazards', title: '隐患' }], formats: [{ name: 'pdf', title: 'PDF' }], templates: [] }
    expect(decodeExhibits(told)).toEqual({ kinds: told.kinds, formats: told.formats })
    expect(() => decodeExhibits({ kinds: [] })).toThrow('formats')
  })
})

describe('words and sizes', () => {
  it('tell gains with their sign and old moments with their day', () => {
    expect([formatSigned(3), formatSigned(-1200), formatSigned(0)]).toEqual(['+3', '−1,200', '0'])
    const now = new Date(2026, 10, 22, 14, 0)
    expect(formatMoment(new Date(2026, 10, 22, 9, 5), now)).toBe('09:05')
    expect(formatMoment(new Date(2026, 10, 21, 9, 5), now)).toBe('11-21 09:05')
  })
  it('follow the pitch of the screen within reason', () => {
    expect(rootPx(null)).toBeNull()
    expect(rootPx(1.25)).toBe(16)
    expect(rootPx(0.63)).toBeCloseTo(31.7, 1)
    expect(rootPx(5)).toBe(12)
  })
})

describe('the legend of a grid', () => {
  const grid = {
    name: 'p', known_share: 0.43, demo: true,
    legend: { title: '人口(人/像元)', opacity: 0.75, items: [{ title: '1–10', color: '#D9CFE8' }, { title: '无数据(透明)', color: null }] },
  }
  it('has steps with colours, and one without for what is not known', () => {
    const [legend] = decodeRasterLegends([grid])
    expect(legend).toMatchObject({ name: 'p', title: '人口(人/像元)', opacity: 0.75, knownShare: 0.43, demo: true })
    expect(legend?.items.map((item) => item.color)).toEqual(['#D9CFE8', null])
    expect(decodeRasterLegends(undefined)).toEqual([])
    expect(() => decodeRasterLegends([{ ...grid, legend: { title: 'x', items: [{ color: '#fff' }] } }])).toThrow('rasters[0].items[0].title')
  })
})
