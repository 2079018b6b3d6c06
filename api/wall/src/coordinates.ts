/** A place typed in any of the usual notations: decimal degrees, degrees with minutes and seconds, with or without letters. */
import type { Position } from 'geojson'

const NUMBER = String.raw`([+-]?\d+(?:\.\d+)?)\s*[°度]?\s*(?:(\d+(?:\.\d+)?)\s*['′’分]\s*)?(?:(\d+(?:\.\d+)?)\s*["”秒]\s*)?`
const LETTER = '(东经|西经|北纬|南纬|[NSEWnsew东西南北])'
/** Letters stand before the figures or after them, in one place all the same. */
const BEFORE = new RegExp(String.raw`${LETTER}\s*${NUMBER}`, 'gu')
const AFTER = new RegExp(String.raw`${NUMBER}${LETTER}?`, 'gu')
const LATITUDE = /[NSns南北]/
const NEGATIVE = /[SWsw南西]/

interface Part {
  readonly degrees: number
  /** Null: no letter says which it is. */
  readonly isLatitude: boolean | null
}

function part(letter: string, whole: string, minutes: string, seconds: string): Part {
  const size = Math.abs(Number(whole)) + Number(minutes) / 60 + Number(seconds) / 3600
  const sign = whole.startsWith('-') !== NEGATIVE.test(letter) ? -1 : 1
  return { degrees: sign * size, isLatitude: letter === '' ? null : LATITUDE.test(letter) }
}

/** All of the text as parts; null when something else stands in it. */
function parts(text: string): readonly Part[] | null {
  const hasLettersFirst = /^[^\d+-]/.test(text)
  const form = hasLettersFirst ? BEFORE : AFTER
  if (text.replace(form, '').trim() !== '') return null
  return [...text.matchAll(form)].map(([, a = '', b = '', c = '', d = '']) =>
    hasLettersFirst ? part(a, b, c || '0', d || '0') : part(d, a, b || '0', c || '0'))
}

function isLatitudeFirst(first: Part, second: Part): boolean {
  if (first.isLatitude !== null) return first.isLatitude
  return second.isLatitude === null ? Math.abs(first.degrees) < Math.abs(second.degrees) : !second.isLatitude
}

/** Longitude and latitude; null when the text is no place. Without letters the larger one is the longitude, as in China. */
export function parsePosition(text: string): Position | null {
  const normal = text.replaceAll('″', '"').normalize('NFKC').replace(/[,、;()]/g, ' ').trim()
  const [first, second, more] = parts(normal) ?? []
  if (!first || !second || more) return null
  const [lon, lat] = isLatitudeFirst(first, second) ? [second, first] : [first, second]
  if (lon.isLatitude === true || lat.isLatitude === false) return null
  return Math.abs(lon.degrees) <= 180 && Math.abs(lat.degrees) <= 90 ? [lon.degrees, lat.degrees] : null
}
