/** Figures as people read them: one space before the unit, thousands with a comma, unknown is a dash. */
import type { Lang } from './model'

export const UNKNOWN = '—'

const COMPASS: Readonly<Record<Lang, readonly string[]>> = {
  zh: ['北', '东北', '东', '东南', '南', '西南', '西', '西北'],
  en: ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'],
}

/** Made once: making one takes longer than all it formats. */
const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 5486 → "5,486"; the minus sign is the typographic one. */
export function formatCount(count: number): string {
  return COUNT.format(Math.round(count)).replace('-', '−')
}

/** A count of what was fetched, at most so many: as many may be more. */
export function formatCapped(count: number, most: number): string {
  return `${formatCount(count)}${count >= most ? '+' : ''}`
}

/** Metres below a kilometre, then kilometres to about three figures. Null (not told) is a dash, zero is zero. */
export function formatDistance(distanceM: number | null): string {
  if (distanceM === null || !Number.isFinite(distanceM)) return UNKNOWN
  const metres = Math.round(distanceM)
  if (metres < 1000) return `${metres} m`
  const km = distanceM / 1000
  return `${km.toFixed(km < 99.95 ? (km < 9.995 ? 2 : 1) : 0)} km`
}

/** A radius as it is chosen: 500 → "500 m", 5000 → "5 km". */
export function formatRadius(radiusM: number): string {
  return radiusM < 1000 ? `${radiusM} m` : `${+(radiusM / 1000).toFixed(2)} km`
}

/** Rings in one unit where they can be: "1 · 3 · 5 km", "500 m · 1 km". */
export function formatRings(ringsM: readonly number[]): string {
  const isKm = ringsM.every((ringM) => ringM >= 1000)
  if (!isKm) return ringsM.map(formatRadius).join(' · ')
  return `${ringsM.map((ringM) => +(ringM / 1000).toFixed(2)).join(' · ')} km`
}

/** An area: square metres, hectares (km² from one square kilometre on). */
export function formatArea(areaM2: number): string {
  if (areaM2 < 10_000) return `${formatCount(areaM2)} m²`
  return areaM2 < 1_000_000 ? `${(areaM2 / 10_000).toFixed(2)} ha` : `${(areaM2 / 1_000_000).toFixed(2)} km²`
}

/** A band between two radii: "0–500 m", "500 m–1 km", "1–3 km". */
export function formatRing(fromM: number, toM: number): string {
  const sameUnit = fromM === 0 || fromM < 1000 === toM < 1000
  return `${sameUnit ? +(fromM / (toM < 1000 ? 1 : 1000)).toFixed(2) : formatRadius(fromM)}–${formatRadius(toM)}`
}

/** The compass word of a bearing in degrees from north; null when the point lies inside. */
export function compassWord(bearingDeg: number | null, lang: Lang): string {
  if (bearingDeg === null || !Number.isFinite(bearingDeg)) return ''
  const sector = Math.round((((bearingDeg % 360) + 360) % 360) / 45) % 8
  return COMPASS[lang][sector] ?? ''
}

/** "东南 146°". */
export function formatBearing(bearingDeg: number | null, lang: Lang): string {
  const word = compassWord(bearingDeg, lang)
  return word === '' || bearingDeg === null ? '' : `${word} ${Math.round(bearingDeg) % 360}°`
}

/** "115.3180°E 25.9570°N": four decimals are eleven metres. */
export function formatLonLat(lon: number, lat: number): string {
  return `${Math.abs(lon).toFixed(4)}°${lon < 0 ? 'W' : 'E'} ${Math.abs(lat).toFixed(4)}°${lat < 0 ? 'S' : 'N'}`
}

/** The round distance, at most `maxPx` long on the map, for the scale bar. */
export function scaleBar(metresPerPx: number, maxPx: number): { readonly metres: number; readonly px: number } {
  const longest = Math.max(metresPerPx * maxPx, 1e-6)
  const power = 10 ** Math.floor(Math.log10(longest))
  const metres = ([5, 2, 1].find((step) => step * power <= longest) ?? 1) * power
  return { metres, px: metres / metresPerPx }
}

const two = (part: number): string => String(Math.floor(part)).padStart(2, '0')

/** A time of the day in this machine's own time: "14:31:25". */
export function formatTime(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** How long something has lasted: "00:42", "1:02:03". */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const hours = Math.floor(seconds / 3600)
  return `${hours > 0 ? `${hours}:` : ''}${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}

/** An estimate of people to three figures, as a map's label says it: "约 13,500 人"; a part of a ring is a least number. */
export function formatPeople(found: { readonly people: number; readonly isWhole: boolean } | null, lang: Lang): string {
  if (found === null) return lang === 'zh' ? '人口未知' : 'people unknown'
  const round = found.people < 1000 ? Math.round(found.people) : +found.people.toPrecision(3)
  const about = lang === 'zh' ? (found.isWhole ? '约' : '至少') : found.isWhole ? 'about' : 'at least'
  return `${about} ${formatCount(round)} ${lang === 'zh' ? '人' : 'people'}`
}

/** Points of the index: at most two decimals, none that are zero, so that a sum can be checked by hand. */
export function formatPoints(points: number): string {
  return String(+points.toFixed(2))
}

/** A measured figure: thousands with a comma, at most two decimals. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 }).replace('-', '−')
}

/** A gain or loss with its sign: "+3", "−12", "0". */
export function formatSigned(n: number): string {
  return n > 0 ? `+${formatCount(n)}` : formatCount(n)
}

/** The time of a change: the hour today, day and hour before. */
export function formatMoment(at: Date, now: Date): string {
  const hour = `${two(at.getHours())}:${two(at.getMinutes())}`
  return at.toDateString() === now.toDateString() ? hour : `${at.getMonth() + 1}-${two(at.getDate())} ${hour}`
}
