/** The address's hash: the view and the question, so that a link reopens the very same screen. */
import { GRADES, LANGS, THEMES } from '../model'
import type { Grade, Lang, Place, Theme } from '../model'
import { SCOPES } from '../watchModel'
import type { Scope } from '../watchModel'
import { formatPlace, parsePlace } from './urlPlace'

export interface MapView {
  readonly lon: number
  readonly lat: number
  readonly zoom: number
}

/** Everything that a link keeps. Absent means: the default. */
export interface UrlState {
  readonly view?: MapView
  readonly at?: { readonly lon: number; readonly lat: number }
  /** What is asked around, where it is not the point `at`. */
  readonly place?: Place
  readonly radiusM?: number
  /** Rings that are not those of a radius. */
  readonly ringsM?: readonly number[]
  /** The kind of event that the rings are of. */
  readonly event?: string
  /** Layers that are not shown. */
  readonly hide?: readonly string[]
  /** Grades that are not shown. */
  readonly without?: readonly Grade[]
  /** How opaque layers are drawn, where not as the style says. */
  readonly fade?: ReadonlyMap<string, number>
  /** Rasters that were switched, on or off. */
  readonly rasters?: ReadonlyMap<string, boolean>
  /** The duty that is looked at. */
  readonly scene?: string
  /** What is counted, where not the default of the screen. */
  readonly scope?: Scope
  readonly lang?: Lang
  readonly theme?: Theme
}

const MAX_RADIUS_M = 200_000
const MAX_ZOOM = 24

function numbers(value: string | null, count: number, separator: string): readonly number[] | null {
  const parts = value?.split(separator) ?? []
  const read = parts.map((part) => (part.trim() === '' ? NaN : Number(part)))
  return read.length === count && read.every(Number.isFinite) ? read : null
}

function isPlace(lon: number | undefined, lat: number | undefined): boolean {
  return lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
}

function place(value: string | null): { lon: number; lat: number } | null {
  const [lon, lat] = numbers(value, 2, ',') ?? []
  return isPlace(lon, lat) ? { lon: Number(lon), lat: Number(lat) } : null
}

function mapView(value: string | null): MapView | null {
  const [zoom, lat, lon] = numbers(value, 3, '/') ?? []
  if (zoom === undefined || zoom < 0 || zoom > MAX_ZOOM || !isPlace(lon, lat)) return null
  return { zoom, lon: Number(lon), lat: Number(lat) }
}

function words(value: string | null): readonly string[] {
  return (value ?? '').split(',').filter((word) => /^[a-z][a-z0-9_-]*$/.test(word))
}

/** Radii, smallest first; one that makes no sense makes all of them doubtful. */
function parseRings(value: string | null): readonly number[] {
  const parts = value?.split(',') ?? []
  const read = numbers(value, parts.length, ',') ?? []
  const isFine = read.length <= 10 && read.every((radiusM) => radiusM > 0 && radiusM <= MAX_RADIUS_M)
  return isFine ? read.toSorted((a, b) => a - b) : []
}

/** "hazard_points:60,shelters:30", in per cent. */
function parseFade(value: string | null): ReadonlyMap<string, number> {
  const pairs = (value ?? '').split(',').map((part) => /^([a-z][a-z0-9_-]*):(\d{2})$/.exec(part))
  return new Map(pairs.flatMap((pair) => (pair?.[1] && Number(pair[2]) >= 10 ? [[pair[1], Number(pair[2]) / 100] as const] : [])))
}

/** "hillshade:0,demo-population:1". */
function parseRasters(value: string | null): ReadonlyMap<string, boolean> {
  const pairs = (value ?? '').split(',').map((part) => /^([a-z][a-z0-9_-]*):([01])$/.exec(part))
  return new Map(pairs.flatMap((pair) => (pair?.[1] ? [[pair[1], pair[2] === '1'] as const] : [])))
}

function shownParts(parameters: URLSearchParams): UrlState {
  const hide = words(parameters.get('hide'))
  const without = GRADES.filter((grade) => words(parameters.get('without')).includes(grade))
  const fade = parseFade(parameters.get('fade'))
  const rasters = parseRasters(parameters.get('ground'))
  const [scene] = words(parameters.get('scene'))
  const scope = SCOPES.find((name) => name === parameters.get('count'))
  return {
    ...(hide.length > 0 ? { hide } : {}),
    ...(without.length > 0 ? { without } : {}),
    ...(fade.size > 0 ? { fade } : {}),
    ...(rasters.size > 0 ? { rasters } : {}),
    ...(scene ? { scene } : {}),
    ...(scope ? { scope } : {}),
  }
}

function reachOf(ringsM: readonly number[]): UrlState {
  const [only] = ringsM
  if (only === undefined) return {}
  return ringsM.length === 1 ? { radiusM: only } : { ringsM }
}

/** Reads a hash; whatever in it makes no sense is left out, so that a broken link still opens the wall. */
export function parseHash(hash: string): UrlState {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const view = mapView(parameters.get('map'))
  const at = place(parameters.get('at'))
  const asked = parsePlace(parameters)
  const ringsM = parseRings(parameters.get('r'))
  const event = words(parameters.get('event'))[0]
  const lang = LANGS.find((name) => name === parameters.get('lang'))
  const theme = THEMES.find((name) => name === parameters.get('theme'))
  return {
    ...(view ? { view } : {}),
    ...(at ? { at } : {}),
    ...(at && asked ? { place: asked } : {}),
    ...reachOf(ringsM),
    ...(event && ringsM.length > 0 ? { event } : {}),
    ...shownParts(parameters),
    ...(lang ? { lang } : {}),
    ...(theme ? { theme } : {}),
  }
}

/** Degrees to six decimals are eleven centimetres: no link needs more. */
function degrees(value: number): string {
  return String(+value.toFixed(6))
}

function askedParts({ at, place, radiusM, ringsM, event }: UrlState): readonly (string | false | undefined)[] {
  return [
    at && `at=${degrees(at.lon)},${degrees(at.lat)}`,
    at && place && formatPlace(place),
    ringsM ? `r=${ringsM.join(',')}` : radiusM !== undefined && `r=${radiusM}`,
    event !== undefined && `event=${event}`,
  ]
}

function shownWords({ hide = [], without = [], fade, rasters, scene, scope }: UrlState): readonly (string | false | undefined)[] {
  return [
    hide.length > 0 && `hide=${hide.join(',')}`,
    without.length > 0 && `without=${without.join(',')}`,
    fade && fade.size > 0 && `fade=${[...fade].map(([name, share]) => `${name}:${Math.round(share * 100)}`).join(',')}`,
    rasters && rasters.size > 0 && `ground=${[...rasters].map(([name, isOn]) => `${name}:${isOn ? 1 : 0}`).join(',')}`,
    scene && `scene=${scene}`,
    scope && `count=${scope}`,
  ]
}

/** Writes a hash, "#" included; empty when there is nothing to keep. Read by people: no percent signs. */
export function formatHash(state: UrlState): string {
  const { view, lang, theme } = state
  const parts = [
    view && `map=${+view.zoom.toFixed(2)}/${+view.lat.toFixed(5)}/${+view.lon.toFixed(5)}`,
    ...askedParts(state),
    ...shownWords(state),
    lang && `lang=${lang}`,
    theme && `theme=${theme}`,
  ].filter((part) => typeof part === 'string' && part !== '')
  return parts.length > 0 ? `#${parts.join('&')}` : ''
}
