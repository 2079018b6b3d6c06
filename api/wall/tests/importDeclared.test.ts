import { describe, expect, it } from 'vitest'

import { OTHER, ZONES, fromProfile, nothingDeclared, toFields } from '../src/import/declared'

const PROFILE = {
  name: '某局月报', layer: 'shelters', source: '某局', crs: null, datum: 'gcj02', notation: 'dms', encoding: 'gb18030', sheet: null,
  mapping: { 点名: 'name' },
}

describe('what is declared of a file', () => {
  it('sends nothing that was not declared but that it is a dry run', () => {
    expect(toFields(nothingDeclared())).toEqual({ layer: 'hazard_points', dry_run: 'true' })
  })

  it('tells a datum from a code, and a typed code from a chosen one', () => {
    const declared = nothingDeclared()
    expect(toFields({ ...declared, place: 'bd09' })).toMatchObject({ datum: 'bd09' })
    expect(toFields({ ...declared, place: 'EPSG:4527' })).toMatchObject({ crs: 'EPSG:4527' })
    expect(toFields({ ...declared, place: OTHER, crs: ' EPSG:4549 ' })).toMatchObject({ crs: 'EPSG:4549' })
    expect(toFields({ ...declared, place: OTHER, crs: ' EPSG:4549 ' })).not.toHaveProperty('datum')
  })

  it('names the zones by their numbers', () => {
    expect(ZONES.find((each) => each.zone === 39)).toEqual({ code: 'EPSG:4527', zone: 39, meridian: 117 })
  })

  it('shows a profile in the controls, and leaves its mapping to the service', () => {
    const declared = fromProfile(PROFILE)
    expect(declared).toMatchObject({ layer: 'shelters', source: '某局', place: 'gcj02', encoding: 'gb18030', dms: true, mapping: {} })
    expect(toFields(declared)).toEqual({
      profile: '某局月报', layer: 'shelters', source: '某局', datum: 'gcj02', encoding: 'gb18030', notation: 'dms', dry_run: 'true',
    })
    expect(fromProfile({ ...PROFILE, datum: null, crs: 'EPSG:4549' })).toMatchObject({ place: OTHER, crs: 'EPSG:4549' })
  })
})
