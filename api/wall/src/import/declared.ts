/** What the user declares about a file before it is checked; nothing of it is guessed from the file's name. */
import type { Profile } from './client'

export interface Declared {
  profile: string
  layer: string
  source: string
  /** '' as the file says; a code such as CRS84 or EPSG:4527; gcj02 or bd09. */
  place: string
  /** The code that is typed when `place` is OTHER. */
  crs: string
  encoding: string
  sheet: string
  dataDate: string
  dms: boolean
  full: boolean
  mapping: Record<string, string>
}

export const OTHER = 'other'
export const DATUMS: readonly string[] = ['gcj02', 'bd09']
/** 3° Gauss-Krüger zones with their number in the easting: EPSG 4513 is zone 25. */
export const ZONES: readonly { readonly code: string; readonly zone: number; readonly meridian: number }[] = Array.from(
  { length: 21 }, (_, at) => ({ code: `EPSG:${4513 + at}`, zone: 25 + at, meridian: 75 + 3 * at }),
)
export const ENCODINGS = ['utf-8', 'gb18030', 'big5', 'utf-16', 'cp932', 'cp949'] as const
/** A column that must not be read as a field. */
export const NOT_A_FIELD = '-'

export const nothingDeclared = (layer = 'hazard_points'): Declared => ({
  profile: '', layer, source: '', place: '', crs: '', encoding: '', sheet: '', dataDate: '', dms: false, full: false, mapping: {},
})

/** The declarations that a saved profile stands for; its mapping is laid under by the service. */
export function fromProfile(profile: Profile): Declared {
  const known = profile.datum ?? profile.crs ?? ''
  const listed = known === '' || known === 'CRS84' || DATUMS.includes(known) || ZONES.some((each) => each.code === known)
  return {
    ...nothingDeclared(profile.layer),
    profile: profile.name, source: profile.source, place: listed ? known : OTHER, crs: listed ? '' : known,
    encoding: profile.encoding ?? '', sheet: profile.sheet ?? '', dms: profile.notation === 'dms',
  }
}

/** The fields of the form of a dry run. */
export function toFields(declared: Declared): Record<string, string> {
  const { place, crs, mapping, dms, full, dataDate, ...texts } = declared
  const code = place === OTHER ? crs.trim() : place
  const found: Record<string, string> = {
    ...texts, data_date: dataDate, notation: dms ? 'dms' : '', full: full ? 'true' : '', dry_run: 'true',
    datum: DATUMS.includes(code) ? code : '', crs: DATUMS.includes(code) ? '' : code,
    mapping: Object.keys(mapping).length > 0 ? JSON.stringify(mapping) : '',
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== ''))
}
