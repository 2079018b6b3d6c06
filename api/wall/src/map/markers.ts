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

const ANCHOR: Readonly<Record<Sign['kind'], PositionAnchor>> = { asked: 'center', ghost: 'center', ring: 'center', help: 'center' }

function element(sign: Sign): HTMLElement {
  const made = document.createElement('div')
  made.className = `sign sign-${sign.kind}`
  made.textContent = sign.text
  // What the signs say is in the answer's list already.
  made.setAttribute('aria-hidden', 'true')
  return made
}

/** Replaces the signs on a map by others. */
export function createSigns(gl: GlMap): (signs: readonly Sign[]) => void {
  let standing: Marker[] = []
  return (signs) => {
    for (const marker of standing) marker.remove()
    standing = signs.map((sign) =>
      new Marker({ element: element(sign), anchor: ANCHOR[sign.kind] }).setLngLat([sign.lon, sign.lat]).addTo(gl),
    )
  }
}
