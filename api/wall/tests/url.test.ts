import { describe, expect, it } from 'vitest'

import { formatHash, parseHash } from '../src/state/url'
import type { UrlState } from '../src/state/url'

describe('the address', () => {
  it('keeps view, question, selection, language and theme, and gives them back', () => {
    const state: UrlState = {
      view: { zoom: 9.25, lon: 115.318, lat: 25.957 },
      at: { lon: 115.3181234, lat: 25.9570001 },
      radiusM: 5000,
      hide: ['shelters', 'forest_zones'],
      without: ['blue', 'none'],
      lang: 'en',
      theme: 'light',
    }
    const hash = formatHash(state)
    expect(hash).toBe(
      '#map=9.25/25.957/115.318&at=115.318123,25.957&r=5000&hide=shelters,forest_zones&without=blue,none&lang=en&theme=light',
    )
    expect(formatHash(parseHash(hash))).toBe(hash)
  })
  it('is empty when nothing was chosen', () => {
    expect(formatHash({ hide: [], without: [] })).toBe('')
    expect(parseHash('')).toEqual({})
  })
  it.each([
    'at=NaN,25', 'at=115', 'at=,', 'at=190,20', 'at=115,95', 'r=0', 'r=-5', 'r=300000', 'r=1e999', 'map=9/25', 'map=99/25/115', 'map=9/91/115',
    'lang=fr', 'theme=neon', 'without=purple', 'hide=%3Cscript%3E', 'hide=', '%', '&&&',
  ])('leaves out what makes no sense: %s', (hash) => {
    expect(parseHash(`#${hash}`)).toEqual({})
  })
  it('keeps what makes sense beside what does not', () => {
    expect(parseHash('#at=115.3,25.9&r=bad&theme=dark')).toEqual({ at: { lon: 115.3, lat: 25.9 }, theme: 'dark' })
  })
})
