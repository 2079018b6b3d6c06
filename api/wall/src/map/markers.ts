/** Signs that stand on the map as page elements: the asked point, the ring's label, the letters of help. Text nodes only. */
import type { Map as GlMap } from 'maplibre-gl'
import { Marker } from 'maplibre-gl'
import type { PositionAnchor } from 'maplibre-gl'

export interface Sign {
  readonly kind: 'asked' | 'ghost' | 'ring' | 'help'
  readonly lon: number
  readonly lat: number
  readonly text: string
  /** What is said beside it where there is room: the people in a ring, how far the help is. */
  readonly note?: string
}

const ANCHOR: Readonly<Record<Sign['kind'], PositionAnchor>> = { asked: 'center', ghost: 'center', ring: 'bottom-left', help: 'center' }

function element({ kind, text, note = '' }: Sign): HTMLElement {
  const made = document.createElement('div')
  made.className = `sign sign-${kind}`
  made.textContent = text
  if (note !== '') {
    const beside = document.createElement('span')
    beside.className = 'note'
    beside.textContent = note
    made.append(beside)
  }
  // What the signs say is in the answer's list already.
  made.setAttribute('aria-hidden', 'true')
  return made
}

/** A box of the window: where it stands and how large it is. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Nearer than this a letter would cover the mark of the asked point. */
const LETTER_PX = 26
/** Between two labels. */
const GAP_PX = 3

function isApart(a: Box, b: Box): boolean {
  return a.x + a.width + GAP_PX <= b.x || b.x + b.width + GAP_PX <= a.x || a.y + a.height + GAP_PX <= b.y || b.y + b.height + GAP_PX <= a.y
}

/** Which of some labels, the most important last, have room: none lies on one that stays. */
export function roomy(boxes: readonly Box[]): readonly boolean[] {
  const kept: Box[] = []
  return boxes.toReversed().map((box) => {
    const hasRoom = kept.every((other) => isApart(box, other))
    if (hasRoom) kept.push(box)
    return hasRoom
  }).toReversed()
}

/** A sign that stands on the map; its size and that of its note are measured once, while both are shown. */
interface Standing {
  readonly sign: Sign
  readonly marker: Marker
  readonly made: HTMLElement
  readonly size: { readonly width: number; readonly height: number }
  readonly noteSize: { readonly width: number; readonly height: number }
}

function put(gl: GlMap, sign: Sign): Standing {
  const made = element(sign)
  const marker = new Marker({ element: made, anchor: ANCHOR[sign.kind] }).setLngLat([sign.lon, sign.lat]).addTo(gl)
  const beside = made.querySelector<HTMLElement>('.note')
  return {
    sign, marker, made,
    size: { width: made.offsetWidth, height: made.offsetHeight },
    noteSize: { width: beside?.offsetWidth ?? 0, height: beside?.offsetHeight ?? 0 },
  }
}

/** Replaces the signs on a map by others. Where a question is small on the screen its point and its outermost ring are named. */
export function createSigns(gl: GlMap): (signs: readonly Sign[]) => void {
  let standing: readonly Standing[] = []
  const part = (): void => {
    const placed = standing.map((each) => ({ ...each, at: gl.project(each.marker.getLngLat()) }))
    const rings = placed.filter(({ sign }) => sign.kind === 'ring')
    const labels = rings.map(({ at, size }): Box => ({ x: at.x, y: at.y - size.height, ...size }))
    const hasRoom = roomy(labels)
    rings.forEach(({ made }, nth) => { made.hidden = !hasRoom[nth] })
    const points = placed.filter(({ sign }) => sign.kind === 'asked')
    const letters = placed.filter(({ sign }) => sign.kind === 'help')
    const shown = letters.filter(({ at, made }) => {
      made.hidden = points.some((point) => Math.hypot(point.at.x - at.x, point.at.y - at.y) < LETTER_PX)
      return !made.hidden
    })
    // A distance stands at the right of its letter unless it would lie on a letter, a label, or a distance before it.
    const taken = [...labels.filter((_, nth) => hasRoom[nth]), ...shown.map(({ at, size }): Box => ({ x: at.x - size.width / 2, y: at.y - size.height / 2, ...size }))]
    for (const { at, made, size, noteSize } of shown) {
      const box = { x: at.x + size.width / 2 + GAP_PX, y: at.y - noteSize.height / 2, ...noteSize }
      const isFree = taken.every((other) => isApart(box, other))
      made.classList.toggle('bare', !isFree)
      if (isFree) taken.push(box)
    }
  }
  gl.on('zoom', part)
  return (signs) => {
    for (const { marker } of standing) marker.remove()
    standing = signs.map((sign) => put(gl, sign))
    part()
  }
}
