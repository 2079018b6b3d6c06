import { describe, expect, it } from 'vitest'

import {
  UNKNOWN, compassWord, formatBearing, formatCapped, formatCount, formatDistance, formatLonLat, formatRadius, formatRing, scaleBar,
} from '../src/format'

describe('a distance', () => {
  it.each([
    [0, '0 m'], [12.4, '12 m'], [999.4, '999 m'], [999.6, '1.00 km'], [1080, '1.08 km'], [9994, '9.99 km'], [9996, '10.0 km'],
    [12_345, '12.3 km'], [99_949, '99.9 km'], [99_960, '100 km'], [187_654, '188 km'],
  ])('of %d m reads %s', (metres, text) => {
    expect(formatDistance(metres)).toBe(text)
  })
  it('that is not known is a dash, never zero', () => {
    expect(formatDistance(null)).toBe(UNKNOWN)
    expect(formatDistance(NaN)).toBe(UNKNOWN)
  })
})

describe('a bearing', () => {
  it.each([
    [0, '北', 'N'], [22.4, '北', 'N'], [22.6, '东北', 'NE'], [90, '东', 'E'], [146, '东南', 'SE'], [180, '南', 'S'], [225, '西南', 'SW'],
    [270, '西', 'W'], [337.4, '西北', 'NW'], [337.6, '北', 'N'], [360, '北', 'N'], [-90, '西', 'W'],
  ])('of %d° is %s', (degrees, zh, en) => {
    expect(compassWord(degrees, 'zh')).toBe(zh)
    expect(compassWord(degrees, 'en')).toBe(en)
  })
  it('is read as word and degrees, and never as 360°', () => {
    expect(formatBearing(146.2, 'zh')).toBe('东南 146°')
    expect(formatBearing(359.7, 'en')).toBe('N 0°')
  })
  it('of a place that the point lies in is nothing', () => {
    expect(formatBearing(null, 'zh')).toBe('')
  })
})

describe('figures', () => {
  it('have a comma at the thousands and a real minus sign', () => {
    expect(formatCount(5486)).toBe('5,486')
    expect(formatCount(-1234)).toBe('−1,234')
    expect([formatCapped(999, 1000), formatCapped(1000, 1000)]).toEqual(['999', '1,000+'])
  })
  it('of a radius lose no half kilometre', () => {
    expect([500, 1000, 2500, 50_000].map(formatRadius)).toEqual(['500 m', '1 km', '2.5 km', '50 km'])
  })
  it('of a ring name both edges', () => {
    expect([formatRing(0, 500), formatRing(500, 1000), formatRing(1000, 3000), formatRing(0, 10_000)]).toEqual([
      '0–500 m', '500 m–1 km', '1–3 km', '0–10 km',
    ])
  })
  it('of a place tell the hemisphere', () => {
    expect(formatLonLat(115.318, 25.957)).toBe('115.3180°E 25.9570°N')
    expect(formatLonLat(-70.5, -33.25)).toBe('70.5000°W 33.2500°S')
  })
})

describe('the scale bar', () => {
  it.each([[10, 1000], [1, 100], [0.3, 20], [305, 20_000]])('at %d m/px is a round length that fits', (metresPerPx, metres) => {
    const bar = scaleBar(metresPerPx, 110)
    expect(bar.metres).toBe(metres)
    expect(bar.px).toBeLessThanOrEqual(110)
    expect(bar.px).toBeGreaterThan(110 / 2.6)
  })
})
