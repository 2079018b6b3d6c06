import { describe, expect, it } from 'vitest'

import { parsePosition } from '../src/coordinates'

describe('a typed place', () => {
  it.each([
    '115.3,25.95', '115.3 25.95', '25.95, 115.3', '(115.3,25.95)', '115.3°E 25.95°N', 'E115.3 N25.95', 'N25.95 E115.3', '东经115.3 北纬25.95', '北纬25°57′ 东经115°18′',
    `115°18′0″ 25°57′0″`, `115°18'0"E, 25°57'0"N`, '115度18分0秒 25度57分0秒', '115°18′ 25°57′', '115.3°, 25.95°',
  ])('is read: %s', (text) => {
    const [lon = NaN, lat = NaN] = parsePosition(text) ?? []
    expect(lon).toBeCloseTo(115.3, 9)
    expect(lat).toBeCloseTo(25.95, 9)
  })
  it('knows the other halves of the world', () => {
    expect(parsePosition('70.5W 33.4S')).toEqual([-70.5, -33.4])
    expect(parsePosition('-70.5 -33.4')).toEqual([-70.5, -33.4])
  })
  it.each(['', '于都', '115.3', '115.3,25.95,3', '200,95', '115.3N 25.95N', 'h-1 2', '360731', '115.3,25.95 于都'])('is none: %s', (text) => {
    expect(parsePosition(text)).toBeNull()
  })
})
