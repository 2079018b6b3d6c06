/** Signs that stand on the map as page elements: the asked point, the ring's label, the letters of help. Text nodes only. */
import type { Map as GlMap } from 'maplibre-gl'
import { Marker } from 'maplibre-gl'
import type { PositionAnchor } from 'maplibre-gl'

export interface Sign {
  readonly kind: 'asked' | 'ghost' | 'ring' | 'help'
  readonly lon: number
  readonly lat: number
  readonly text: string
}

const ANCHOR: Readonly<Record<Sign['kind'], PositionAnchor>> = { asked: 'center', ghost: 'center', ring: 'bottom-left', help: 'center' }

function element(sign: Sign): HTMLElement {
  const made = document.createElement('div')
  made.className = `sign sign-${sign.kind}`
  made.textContent = sign.text
  // What the signs say is in the answer's list already.
  made.setAttribute('aria-hidden', 'true')
  return made
}

const RING_LABEL_PX = { width: 60, height: 28 } as const
/** Nearer than this a letter would cover the mark of the asked point. */
const LETTER_PX = 26

/** Which of some labels, the most important last, have room: none lies on one that stays. */
export function roomy(places: readonly { readonly x: number; readonly y: number }[]): readonly boolean[] {
  const { width, height } = RING_LABEL_PX
  const kept: { readonly x: number; readonly y: number }[] = []
  return places.toReversed().map((place) => {
    const hasRoom = kept.every(({ x, y }) => Math.abs(x - place.x) >= width || Math.abs(y - place.y) >= height)
    if (hasRoom) kept.push(place)
    return hasRoom
  }).toReversed()
}

/** Replaces the signs on a map by others. Where a question is small on the screen its point and its outermost ring are named. */
export function createSigns(gl: GlMap): (signs: readonly Sign[]) => void {
  let standing: readonly (readonly [Sign, Marker])[] = []
  const placesOf = (kind: Sign['kind']): readonly { readonly marker: Marker, readonly x: number, readonly y: number }[] =>
    standing.filter(([sign]) => sign.kind === kind).map(([, marker]) => {
      const { x, y } = gl.project(marker.getLngLat())
      return { marker, x, y }
    })
  const part = (): void => {
    const rings = placesOf('ring')
    const hasRoom = roomy(rings)
    rings.forEach(({ marker }, at) => { marker.getElement().hidden = !hasRoom[at] })
    const asked = placesOf('asked')
    for (const { marker, x, y } of placesOf('help')) {
      marker.getElement().hidden = asked.some((point) => Math.hypot(point.x - x, point.y - y) < LETTER_PX)
    }
  }
  gl.on('zoom', part)
  return (signs) => {
    for (const [, marker] of standing) marker.remove()
    standing = signs.map((sign) => [sign, new Marker({ element: element(sign), anchor: ANCHOR[sign.kind] }).setLngLat([sign.lon, sign.lat]).addTo(gl)])
    part()
  }
}
