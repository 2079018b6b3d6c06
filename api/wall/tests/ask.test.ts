import type { Feature, Position } from 'geojson'
import { describe, expect, it } from 'vitest'

import { featurePath } from '../src/api'
import { fileName, toCsv, toGeoJson } from '../src/export'
import { factsOf, valueText } from '../src/facts'
import { drawnOf } from '../src/map/drawn'
import { areaM2, geodesic, lengthM } from '../src/map/geodesy'
import { destination, ringAround } from '../src/map/rings'
import { decodeCatalogue, decodeRisk } from '../src/decode'
import type { FieldInfo, Question } from '../src/model'
import { riskBody } from '../src/questions'
import { formatHash, parseHash } from '../src/state/url'
import layersJson from './fixtures/layers.json'
import riskJson from './fixtures/risk.json'

const area = (ring: readonly Position[]): Feature => ({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[...ring]] } })

describe('lengths and areas', () => {
  // pyproj.Geod(ellps="GRS80"): inv and geometry_area_perimeter.
  it('are those of the ellipsoid', () => {
    expect(geodesic([115, 25], [116, 26]).distanceM).toBeCloseTo(149_598.30516, 4)
    expect(geodesic([115, 25], [116, 26]).bearingDeg).toBeCloseTo(42.010836, 5)
    expect(lengthM([[115, 25], [115, 26], [116, 26]])).toBeCloseTo(110_780.40346 + 100_117.47051, 3)
    expect(areaM2([[115, 25], [115.1, 25], [115.1, 25.1], [115, 25.1]]) / 111_780_782.4).toBeCloseTo(1, 4)
  })
  it('of nothing are nothing', () => {
    expect([geodesic([1, 2], [1, 2]).distanceM, lengthM([]), areaM2([[1, 2], [3, 4]])]).toEqual([0, 0, 0])
  })
})

describe('a drawing', () => {
  it('of a circle asks around its centre, as far as it reaches', () => {
    const ring = ringAround(115.3, 25.95, 3000).geometry.coordinates[0] ?? []
    const drawn = drawnOf('circle', area(ring))
    expect(drawn?.place).toEqual({ kind: 'point' })
    expect(drawn?.lon).toBeCloseTo(115.3, 4)
    expect(Math.abs((drawn?.ringsM?.[0] ?? 0) - 3000)).toBeLessThan(12)
  })
  it.each([[300, 60], [60, 300], [10, 100]])('of a sector from %d° to %d° asks clockwise, however it was drawn', (start, end) => {
    const width = (end - start + 360) % 360
    const arc = Array.from({ length: 33 }, (_, at) => destination(115.3, 25.95, start + (width * at) / 32, 5000))
    const centre = [115.3, 25.95]
    for (const way of [arc, arc.toReversed()]) {
      const drawn = drawnOf('sector', area([centre, ...way, centre]))
      expect(drawn?.place).toMatchObject({ kind: 'sector' })
      const { startDeg = 0, endDeg = 0 } = drawn?.place.kind === 'sector' ? drawn.place : {}
      expect(Math.abs(startDeg - start)).toBeLessThan(0.3)
      expect(Math.abs(endDeg - end)).toBeLessThan(0.3)
    }
  })
  it('of no extent is no question', () => {
    expect(drawnOf('circle', area([[1, 2], [1, 2], [1, 2], [1, 2]]))).toBeNull()
    expect(drawnOf('line', { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [1, 2] } })).toBeNull()
  })
})

describe('a link', () => {
  it.each([
    '#at=115.3,25.95&line=115.3,25.9;115.4,26&r=1000,5000',
    '#at=115.3,25.95&area=115.3,25.9;115.4,26;115.2,26&r=5000',
    '#at=115.3,25.95&sector=300,60&r=7000',
    '#at=115.3,25.95&feature=hazard_points/demo/a%3Fb/c&r=5000,10000,20000&event=geohazard',
    '#at=115.3,25.95&division=360731&r=1000',
  ])('reopens the very same question: %s', (hash) => {
    expect(formatHash(parseHash(hash))).toBe(hash)
  })
  it.each(['line=1,2', 'line=1,2;x,y', 'area=1,2;3,4', 'sector=1', 'sector=a,b', 'sector=400,1', 'feature=../x', 'division=36x', 'line=1,2;3,95'])('leaves out a place that makes no sense: %s', (part) => {
    expect(parseHash(`#at=115,25&${part}`)).toEqual({ at: { lon: 115, lat: 25 } })
  })
})

describe('a question', () => {
  const asked: Question = { place: { kind: 'point' }, lon: 115, lat: 25, ringsM: [1000], event: null }
  it('is sent as what it is', () => {
    expect(riskBody(asked)).toBeNull()
    expect(riskBody({ ...asked, place: { kind: 'sector', startDeg: 1, endDeg: 2 } })).toEqual({ radius_m: [1000], sector: { lon: 115, lat: 25, start_deg: 1, end_deg: 2 } })
    expect(riskBody({ ...asked, place: { kind: 'feature', id: 'a/b/c' } })).toEqual({ radius_m: [1000], feature: 'a/b/c' })
  })
  it('about a feature escapes what its id holds', () => {
    expect(featurePath('hazard_points/my source/a?b/c#d')).toBe('layers/hazard_points/features/my%20source/a%3Fb/c%23d')
  })
})

describe('the files', () => {
  const answer = decodeRisk(riskJson)
  const layers = new Map(decodeCatalogue(layersJson).layers.map((layer) => [layer.name, layer]))
  it('hold each feature of the answer once, help beyond the rings too', () => {
    const lines = toCsv(answer, layers).trimEnd().split('\r\n')
    const ids = new Set([...answer.features, ...answer.nearest.flatMap((group) => group.features)].map((feature) => feature.id))
    expect(lines).toHaveLength(1 + ids.size)
    expect(lines[0]).toBe('\uFEFFlayer,name,grade,distance_m,bearing_deg,lon,lat,data_date,demo,nearest,id')
    expect(toGeoJson(answer).features.map((feature) => feature.id)).toEqual(answer.features.map((feature) => feature.id))
  })
  it('says by its name that it does not hold all', () => {
    const place = { ...answer, lon: 114.93, lat: 25.83 }
    expect(fileName({ ...place, truncated: false }, 'csv')).toBe('onemap-114.9300-25.8300.csv')
    expect(fileName({ ...place, truncated: true }, 'geojson')).toBe(`onemap-114.9300-25.8300-nearest-${answer.features.length}.geojson`)
  })

  it('start no formula in a spreadsheet, and break no line', () => {
    const [feature] = answer.features
    if (!feature) throw new Error('the fixture has features')
    const csv = toCsv({ ...answer, nearest: [], features: [{ ...feature, name: '=HYPERLINK("http://x")\n2' }] }, layers)
    expect(csv).toContain(`"'=HYPERLINK(""http://x"")\n2"`)
  })
})

describe('a card', () => {
  const field = (name: string, unit: string | null = null, choices: readonly (readonly [string, string])[] = []): FieldInfo => ({ name, title: name, unit, choices: new Map(choices) })
  const say = (key: string): string => key
  it.each([
    [0, field('x', '人'), '0 人'], [1234567.891, field('x', '元'), '1,234,567.89 元'], [null, field('x'), null], ['', field('x'), null], [[], field('x'), null],
    [true, field('x'), 'yes'], ['landslide', field('x', null, [['landslide', '滑坡']]), '滑坡'], [['a', 'b'], field('x', null, [['a', '甲']]), '甲、b'],
  ])('writes %j in words', (value, by, text) => {
    expect(valueText(value, by, say)).toBe(text)
  })
  it('counts what is not known', () => {
    const [feature] = decodeRisk(riskJson).features
    if (!feature) throw new Error('the fixture has features')
    const facts = factsOf({ ...feature, address: null, responsiblePerson: '张*', responsiblePhone: null, divisionCode: null, values: { a: 3 } }, [field('a'), field('b')], say)
    expect(facts.known.map((fact) => fact.title)).toEqual(['a', 'cardPerson', 'dataDate', 'cardCode'])
    expect(facts.unknown).toBe(3)
  })
})
