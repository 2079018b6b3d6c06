/** Ties the map to the wall's state: style by theme and language, what is shown, what is asked, what is pointed at. */
import type { Feature, LineString } from 'geojson'
import type { StyleSpecification } from 'maplibre-gl'
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'

import type { Bounds, RiskFeature } from '../model'
import { createResource } from '../state/resource'
import type { Resource } from '../state/resource'
import { GROUND_FAMILY, homeExtent } from '../state/sums'
import type { Wall } from '../state/wall'
import { NoWebGl, createMap } from './controller'
import type { MapController, MapEvents, Touched } from './controller'
import { drawnOf } from './drawn'
import { areaM2, lengthM } from './geodesy'
import { createSigns } from './markers'
import { frameOf, overlayData } from './overlays'
import type { OverlayInk } from './overlays'
import { rastersOf } from './rasters'
import { signsOf } from './signs'

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

/** The colours of the overlays are tokens of the theme. */
function inkOf(element: HTMLElement): OverlayInk {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return { ring: token('ring'), scrim: token('scrim'), accent: token('accent'), halo: token('halo') }
}

function geometryOf(wall: Wall, id: string): Feature | null {
  const answer = wall.answer.value
  const rows = wall.row.value ? [wall.row.value] : []
  const all: readonly RiskFeature[] = answer ? [...answer.features, ...answer.nearest.flatMap((group) => group.features), ...rows] : rows
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
    wall.rasters.value = rastersOf(style)
  }
  const begin = (element: HTMLElement): MapController | null => {
    try {
      return start(wall, element, eventsOf(wall, use), ground)
    } catch (reason) {
      if (!(reason instanceof NoWebGl)) throw reason
      use.blind.value = true
      // What is counted and listed is of everything then.
      wall.frame.value = wall.catalogue.value && homeExtent(wall.catalogue.value)
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

/** What a drawing is for: measuring stays on the map, everything else is a question. */
function drawingEvents(wall: Wall): Pick<MapEvents, 'drawn' | 'drawing' | 'drawingCancelled'> {
  const measure = (feature: Feature, isDone: boolean): void => {
    if (feature.geometry.type !== 'LineString') return
    const { coordinates } = feature.geometry
    const areaOf = coordinates.length > 2 ? areaM2(coordinates) : null
    const line: Feature<LineString> = { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } }
    wall.measured.value = { feature: line, lengthM: lengthM(coordinates), areaM2: areaOf, isDone }
  }
  return {
    drawn(tool, feature) {
      wall.tool.value = null
      if (tool === 'measure') {
        measure(feature, true)
        return
      }
      const found = drawnOf(tool, feature)
      if (found) wall.ask(found.lon, found.lat, found.place, found.ringsM ?? undefined)
    },
    drawing(tool, feature) {
      if (tool === 'measure') measure(feature, false)
    },
    drawingCancelled() {
      wall.tool.value = null
      wall.measured.value = null
    },
  }
}

function eventsOf(wall: Wall, seen: Seen): MapEvents {
  return {
    asked(lon, lat) {
      wall.tool.value = null
      wall.ask(lon, lat)
    },
    touched(what) {
      if (what?.id !== seen.touched.value?.id) wall.pointed.value = what?.cell ? null : (what?.id ?? null)
      seen.touched.value = what
    },
    pointer(lon, lat) {
      seen.pointer.value = { lon, lat }
    },
    moved(view, metresPerPx, [west, south, east, north]) {
      wall.view.value = view
      wall.frame.value = [Math.max(west, -180), Math.max(south, -90), Math.min(east, 180), Math.min(north, 90)]
      seen.metresPerPx.value = metresPerPx
      seen.drawn.value = false
    },
    trouble(isTrouble) {
      seen.troubled.value = isTrouble
    },
    idle() {
      seen.drawn.value = true
    },
    chosen(what) {
      wall.cluster.value = null
      wall.card.value = what.id
    },
    listed(cell) {
      wall.card.value = null
      wall.cluster.value = cell
    },
    ...drawingEvents(wall),
  }
}

/** Where the map opens without a view in the link: around the question, else all data. */
function firstBounds(wall: Wall): Bounds | null {
  const question = wall.question.value
  return question ? frameOf(question, wall.answer.value) : (wall.catalogue.value && homeExtent(wall.catalogue.value))
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
    [wall.selection.hidden, wall.selection.without, wall.selection.opacity, wall.selection.rasters, ground],
    () => {
      const riskLayers = new Set([...wall.layers.value.values()].filter((layer) => layer.graded).map((layer) => layer.name))
      map.show({ hidden: wall.selection.hidden.value, without: wall.selection.without.value, opacity: wall.selection.opacity.value, rasters: wall.selection.rasters.value, riskLayers })
    },
    { immediate: true },
  )
  watch(
    [wall.question, () => wall.answer.value, wall.pointed, wall.measured],
    () => {
      const id = wall.pointed.value
      const pointed = id === null ? null : (geometryOf(wall, id) ?? touchedFeature)
      const done = wall.measured.value?.isDone ? wall.measured.value.feature : null
      map.draw(overlayData(wall.question.value, wall.answer.value, pointed, done))
    },
    { immediate: true },
  )
  watch(wall.tool, (tool) => {
    if (tool !== null) wall.measured.value = null
    element.classList.toggle('asks', tool === 'point')
    const { ring, halo } = inkOf(element)
    map.take(tool, { line: ring, halo })
  })
  watch([wall.question, wall.ghost, () => wall.answer.value], () => { signs(signsOf(wall)) }, { immediate: true })
  return map
}
