/** Which signs stand on the map for a question and its answer: the asked point, rings with their people, letters of help. */
import { formatDistance, formatPeople, formatRadius } from '../format'
import type { Lang, Question, RiskFeature } from '../model'
import type { Answered } from '../state/asking'
import type { Wall } from '../state/wall'
import type { Sign } from './markers'
import { anyPlace, cornerOf, destination, firstHelp, ringPeople, ringRadius } from './rings'

/** Where on a ring its label stands: north-east. */
const LABEL_BEARING_DEG = 35

/** A, B, C … */
export function letterOf(at: number): string {
  return String.fromCharCode(65 + at)
}

/** Around a point at once, north-east; around a shape at the corner of the ring that the service has drawn. */
function ringLabels({ lon, lat, ringsM, place: { kind } }: Question, answer: Answered | null, lang: Lang): readonly Sign[] {
  const drawn = new Map((answer?.rings ?? []).map((ring) => [ringRadius(ring), ring]))
  const noteOf = (radiusM: number): string => {
    const ring = drawn.get(radiusM)
    return ring ? formatPeople(ringPeople(ring), lang) : ''
  }
  if (kind === 'point' || kind === 'feature') {
    return ringsM.map((radiusM): Sign => {
      const [labelLon = lon, labelLat = lat] = destination(lon, lat, LABEL_BEARING_DEG, radiusM)
      return { kind: 'ring', lon: labelLon, lat: labelLat, text: formatRadius(radiusM), note: noteOf(radiusM) }
    })
  }
  return [...drawn].flatMap(([radiusM, ring]): Sign[] => {
    const corner = cornerOf(ring)
    return radiusM && corner ? [{ kind: 'ring', lon: corner[0] ?? lon, lat: corner[1] ?? lat, text: formatRadius(radiusM), note: noteOf(radiusM) }] : []
  })
}

function helpLetters(help: readonly RiskFeature[]): readonly Sign[] {
  return help.flatMap((feature, at): Sign[] => {
    const place = anyPlace(feature)
    return place ? [{ kind: 'help', lon: place[0] ?? 0, lat: place[1] ?? 0, text: letterOf(at), note: formatDistance(feature.distanceM) }] : []
  })
}

/** Label of a ring at its north-east, letters at the nearest help, a mark at the asked point. */
export function signsOf(wall: Wall): readonly Sign[] {
  const question = wall.question.value
  if (!question) return []
  const { lon, lat, place: { kind } } = question
  const answer = wall.answer.value?.question === question ? wall.answer.value : null
  const ghost = wall.ghost.value
  return [
    ...(ghost ? [{ kind: 'ghost', lon: ghost.lon, lat: ghost.lat, text: '' } as const] : []),
    ...(kind === 'shape' || kind === 'division' ? [] : [{ kind: 'asked', lon, lat, text: '' } as const]),
    ...(answer ? helpLetters(firstHelp(answer)) : []),
    ...ringLabels(question, answer, wall.settings.lang.value),
  ]
}
