/** Ties the map to the wall's state: style by theme and language, what is shown, what is asked, what is pointed at. */
import type { Feature } from 'geojson'
import type { StyleSpecification } from 'maplibre-gl'
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'

import { formatRadius } from '../format'
import { ringsOf } from '../model'
import type { Bounds, RiskFeature } from '../model'
import { createResource } from '../state/resource'
import type { Resource } from '../state/resource'
import { GROUND_FAMILY, homeExtent } from '../state/sums'
import type { Wall } from '../state/wall'
import { NoWebGl, createMap } from './controller'
import type { MapController, MapEvents, Touched } from './controller'
import { createSigns } from './markers'
import type { Sign } from './markers'
import { isAnswerTo, overlayData } from './overlays'
import type { OverlayInk } from './overlays'
import { anyPlace, destination, firstHelp, ringBounds } from './rings'

export interface MapUse {
  readonly controller: ShallowRef<MapController | null>
  readonly style: Resource<StyleSpecification>
  readonly touched: Ref<Touched | null>
  readonly pointer: Ref<{ readonly lon: number; readonly lat: number } | null>
  readonly metresPerPx: Ref<number>
  readonly troubled: Ref<boolean>
  readonly blind: Ref<boolean>
  /** True once everything in view is drawn; tests wait for it. */
  readonly drawn: Ref<boolean>
  loadStyle(): Promise<void>
  retry(): void
}

/** Where on a ring its label stands: north-east. */
const LABEL_BEARING_DEG = 35

/** The colours of the overlays are tokens of the theme. */
function inkOf(element: HTMLElement): OverlayInk {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return { ring: token('ring'), scrim: token('scrim'), accent: token('accent'), halo: token('halo') }
}

/** Label of a ring at its north-east, letters at the nearest help, a mark at the asked point. */
export function signsOf(wall: Wall): readonly Sign[] {
  const question = wall.question.value
  if (!question) return []
  const { lon, lat } = question
  const answer = wall.answer.value
  const labels = ringsOf(question.radiusM).map((radiusM): Sign => {
    const [labelLon = lon, labelLat = lat] = destination(lon, lat, LABEL_BEARING_DEG, radiusM)
    return { kind: 'ring', lon: labelLon, lat: labelLat, text: formatRadius(radiusM) }
  })
  const help = answer && isAnswerTo(answer, question) ? firstHelp(answer) : []
  const letters = help.flatMap((feature, at): Sign[] => {
    const place = anyPlace(feature)
    return place ? [{ kind: 'help', lon: place[0] ?? 0, lat: place[1] ?? 0, text: letterOf(at) }] : []
  })
  return [
    { kind: 'asked', lon, lat, text: '' },
    ...letters,
    ...labels,
  ]
}

/** A, B, C … */
export function letterOf(at: number): string {
  return String.fromCharCode(65 + at)
}

function geometryOf(wall: Wall, id: string): Feature | null {
  const answer = wall.answer.value
  const all: readonly RiskFeature[] = answer ? [...answer.features, ...answer.nearest.flatMap((group) => group.features)] : []
  const found = all.find((feature) => feature.id === id)
  return found ? { type: 'Feature', properties: {}, geometry: found.geometry } : null
}

/** Makes the map once the first view is known and keeps it in step until the page is left. */
export function useMap(wall: Wall, container: Readonly<Ref<HTMLElement | null>>): MapUse {
  const controller = shallowRef<MapController | null>(null)
  const styling = createResource<StyleSpecification>()
  const use = {
    touched: shallowRef<Touched | null>(null),
    pointer: shallowRef<{ lon: number; lat: number } | null>(null),
    metresPerPx: ref(0),
    troubled: ref(false),
    blind: ref(false),
    drawn: ref(false),
  }
  const ground = computed(() => namesOf(wall, (family) => family === GROUND_FAMILY))
  const loadStyle = async (): Promise<void> => {
    const { lang, theme } = wall.settings
    await styling.load((signal) => wall.client.style(lang.value, theme.value, signal))
    dress()
  }
  const restyle = async (): Promise<void> => {
    const { lang, theme } = wall.settings
    const style = await styling.renew((signal) => wall.client.style(lang.value, theme.value, signal))
    if (style && controller.value?.setTiles(style) !== true) dress()
    if (use.troubled.value) controller.value?.retry()
  }
  /** Style and catalogue come in either order: the map is dressed when both are there. */
  const dress = (): void => {
    const style = styling.state.value
    if (!style || !wall.catalogue.value || !container.value) return
    controller.value ??= begin(container.value)
    controller.value?.setStyle(style, ground.value, inkOf(container.value))
  }
  const begin = (element: HTMLElement): MapController | null => {
    try {
      return start(wall, element, eventsOf(wall, use), ground)
    } catch (reason) {
      if (!(reason instanceof NoWebGl)) throw reason
      use.blind.value = true
      return null
    }
  }
  onMounted(() => void loadStyle())
  onBeforeUnmount(() => controller.value?.destroy())
  watch([wall.settings.lang, wall.settings.theme], () => void loadStyle())
  watch(wall.edition, () => void restyle())
  // A newer catalogue with the same layers changes figures, not the style.
  watch(() => [...ground.value].join() + String(wall.catalogue.value === null), dress)
  return {
    ...use,
    controller,
    style: styling.state,
    loadStyle,
    retry: () => controller.value?.retry(),
  }
}

function namesOf(wall: Wall, wanted: (family: string) => boolean): ReadonlySet<string> {
  const layers = wall.catalogue.value?.layers ?? []
  return new Set(layers.filter((layer) => wanted(layer.family)).map((layer) => layer.name))
}

type Seen = Pick<MapUse, 'touched' | 'pointer' | 'metresPerPx' | 'troubled' | 'drawn'>

function eventsOf(wall: Wall, seen: Seen): MapEvents {
  return {
    asked(lon, lat) {
      wall.ask(lon, lat)
    },
    touched(what) {
      if (what?.id !== seen.touched.value?.id) wall.pointed.value = what?.id ?? null
      seen.touched.value = what
    },
    pointer(lon, lat) {
      seen.pointer.value = { lon, lat }
    },
    moved(view, metresPerPx) {
      wall.view.value = view
      seen.metresPerPx.value = metresPerPx
      seen.drawn.value = false
    },
    trouble(isTrouble) {
      seen.troubled.value = isTrouble
    },
    idle() {
      seen.drawn.value = true
    },
  }
}

/** Where the map opens without a view in the link: around the question, else all data. */
function firstBounds(wall: Wall): Bounds | null {
  const question = wall.question.value
  return question ? ringBounds(question.lon, question.lat, question.radiusM) : (wall.catalogue.value && homeExtent(wall.catalogue.value))
}

/** The map itself, following what is shown and asked. */
function start(
  wall: Wall,
  element: HTMLElement,
  events: MapEvents,
  ground: Readonly<Ref<ReadonlySet<string>>>,
): MapController {
  const options = { view: wall.view.value, bounds: firstBounds(wall), label: wall.t('mapHelp') }
  let touchedFeature: Feature | null = null
  const map = createMap(element, options, {
    ...events,
    touched(what) {
      touchedFeature = what?.feature ?? null
      events.touched(what)
    },
  })
  const signs = createSigns(map.gl)
  watch(
    [wall.selection.hidden, wall.selection.without, ground],
    () => {
      const riskLayers = new Set([...wall.layers.value.values()].filter((layer) => layer.graded).map((layer) => layer.name))
      map.show({ hidden: wall.selection.hidden.value, without: wall.selection.without.value, riskLayers })
    },
    { immediate: true },
  )
  watch(
    [wall.question, () => wall.answer.value, wall.pointed],
    () => {
      const id = wall.pointed.value
      const pointed = id === null ? null : (geometryOf(wall, id) ?? touchedFeature)
      map.draw(overlayData(wall.question.value, wall.answer.value, pointed))
    },
    { immediate: true },
  )
  watch([wall.question, () => wall.answer.value], () => { signs(signsOf(wall)) }, { immediate: true })
  return map
}
