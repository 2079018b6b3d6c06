/** The wall's one state: what is loaded, what is shown, what is asked; components read it and call its verbs. */
import type { Feature, LineString } from 'geojson'
import { computed, inject, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, InjectionKey, Ref } from 'vue'

import type { Client } from '../api'
import { translate } from '../i18n'
import type { MessageKey, MessageValues } from '../i18n'
import { createLive } from '../live/live'
import type { Live } from '../live/live'
import type { Tool } from '../map/drawn'
import type { RasterInfo } from '../map/rasters'
import type { OpenStream } from '../live/stream'
import type { Bounds, Catalogue, Grade, LayerInfo, LegendEntry, LegendItem, Preset, Thresholds } from '../model'
import { createAsking, insideOf } from './asking'
import type { Asking } from './asking'
import type { Listed } from './inFrame'
import { createPointing } from './pointing'
import type { Pointing } from './pointing'
import { createRenewal } from './renewal'
import { createResource } from './resource'
import type { Fetched, Resource } from './resource'
import { createSelection } from './selection'
import type { Selection } from './selection'
import type { Settings } from './settings'
import { gradeStyles } from './sums'
import { createTour } from './tour'
import type { Tour } from './tour'
import type { MapView, UrlState } from './url'
import { createViews } from './views'
import type { Views } from './views'
import { createWatching } from './watching'
import type { Watching } from './watching'
import type { Scene, Scope } from '../watchModel'

/** An import tells of itself by many statements: they are one renewal. */
const RENEW_WAIT_MS = 80

/** The pseudo-layer whose revision is that of the saved views. */
const VIEWS = 'wall:views'
/** 32:9: the left half is the situation of the whole city. */
export const WALL_PX = 2560

export interface Wall extends Asking, Watching, Pointing {
  readonly client: Client
  readonly settings: Settings
  readonly selection: Selection
  readonly catalogue: Resource<Catalogue>
  readonly legend: Resource<readonly LegendEntry[]>
  readonly presets: Resource<readonly Preset[]>
  readonly thresholds: Resource<Thresholds>
  readonly layers: ComputedRef<ReadonlyMap<string, LayerInfo>>
  readonly grades: ComputedRef<ReadonlyMap<Grade, LegendItem>>
  readonly view: Ref<MapView | null>
  /** What the map shows: west, south, east, north. */
  readonly frame: Ref<Bounds | null>
  readonly live: Live
  /** Raised whenever what the map shows has changed in the database. */
  readonly edition: Readonly<Ref<number>>
  /** The feature whose card is open. */
  readonly card: Ref<string | null>
  /** Relief, grids and basemap, as the style brings them. */
  readonly rasters: Ref<readonly RasterInfo[]>
  /** The plate whose risks are listed, or the frame. */
  readonly cluster: Ref<Listed | null>
  /** The tool that is taken up: it draws, or asks wherever is clicked. */
  readonly tool: Ref<Tool | null>
  /** What was measured last, and stays on the map. */
  readonly measured: Ref<Measured | null>
  /** The duty that is looked at, by its scene's name. */
  readonly scene: Ref<string | null>
  readonly saved: Views
  readonly tour: Tour
  /** What the help sheet, the drawers of a tablet and the list of a cluster have open. */
  readonly opened: Ref<Opened | null>
  chooseScene(scene: Scene): void
  /** Shows what a link says, without loading the page anew. */
  show(state: UrlState): void
  t(key: MessageKey, values?: MessageValues): string
  load(): Promise<void>
  link(): UrlState
  /** What the map can be asked to do by the panels; it fills them in when it is there. */
  readonly verbs: MapVerbs
}

/** A measured line; with three corners or more, the area that it would enclose. */
export interface Measured {
  readonly feature: Feature<LineString>
  readonly lengthM: number
  readonly areaM2: number | null
  readonly isDone: boolean
}

export type Opened = 'help' | 'layers' | 'answer'

export interface MapVerbs {
  /** To the very view of a link. */
  jump: (view: MapView) => void
  flyTo: (lon: number, lat: number) => void
  frameRing: () => void
  frame: (bounds: Bounds) => void
}

export const WALL: InjectionKey<Wall> = Symbol('wall')

/** The wall of the page this component is on. */
export function useWall(): Wall {
  const wall = inject(WALL)
  if (!wall) throw new Error('no wall is provided above this component')
  return wall
}

function revisionsOf(catalogue: Catalogue): ReadonlyMap<string, number> {
  return new Map(catalogue.layers.map((layer) => [layer.name, layer.revision]))
}

interface Loaded {
  readonly catalogue: Fetched<Catalogue>
  readonly legend: Fetched<readonly LegendEntry[]>
  readonly presets: Fetched<readonly Preset[]>
  readonly thresholds: Fetched<Thresholds>
  readonly load: () => Promise<void>
}

/** What the page loads once, and again in another language. */
function createLoaded(client: Client, { lang, theme }: Settings): Loaded {
  const catalogue = createResource<Catalogue>()
  const legend = createResource<readonly LegendEntry[]>()
  const presets = createResource<readonly Preset[]>()
  const thresholds = createResource<Thresholds>()
  const loadLegend = (): Promise<unknown> => legend.load((signal) => client.legend(lang.value, theme.value, signal))
  watch(theme, () => void loadLegend())
  return {
    catalogue,
    legend,
    presets,
    thresholds,
    load: async () => {
      await Promise.all([
        catalogue.load((signal) => client.catalogue(lang.value, signal)),
        loadLegend(),
        presets.load((signal) => client.presets(lang.value, signal)),
        thresholds.load((signal) => client.thresholds(lang.value, signal)),
      ])
    },
  }
}

/** What the duty's scene shows: its layers, and the rings of its kind of event. */
function hiddenBy(scene: Scene, layers: readonly LayerInfo[]): readonly string[] {
  return scene.layers.length === 0 ? [] : layers.filter((layer) => !scene.layers.includes(layer.name)).map((layer) => layer.name)
}

/** Counting starts with the frame, on a wall with the whole city. */
function firstScope(start: UrlState): Scope {
  return start.scope ?? (typeof window !== 'undefined' && window.innerWidth >= WALL_PX ? 'all' : 'frame')
}

/** What everything else is made of: the state without its verbs. */
function createParts(client: Client, settings: Settings, start: UrlState) {
  const loaded = createLoaded(client, settings)
  const selection = createSelection(start.hide ?? [], start.without ?? [], start.fade, start.rasters)
  const frame = shallowRef<Bounds | null>(null)
  const listed = computed(() => loaded.catalogue.state.value?.layers ?? [])
  const first = firstScope(start)
  return {
    ...loaded,
    selection,
    frame,
    listed,
    first,
    asking: createAsking(client, settings, start),
    watching: createWatching({ client, settings, layers: listed, hidden: selection.hidden, frame, scope: first }),
    scene: ref(start.scene ?? null),
    view: shallowRef<MapView | null>(start.view ?? null),
  }
}

type Parts = ReturnType<typeof createParts>

/** The verbs that move the whole wall: a scene, a link. */
function createMoves({ selection, asking, watching, scene, listed, first }: Parts, verbs: MapVerbs): Pick<Wall, 'chooseScene' | 'show'> {
  return {
    chooseScene: (next) => {
      scene.value = next.name
      selection.restore(hiddenBy(next, listed.value), [], selection.opacity.value)
      if (next.ringsM.length > 0) asking.setPreset({ event: next.event, title: next.title, ringsM: next.ringsM })
    },
    show: (state) => {
      scene.value = state.scene ?? null
      selection.restore(state.hide ?? [], state.without ?? [], state.fade ?? new Map(), state.rasters ?? new Map())
      watching.scope.value = state.scope ?? first
      asking.restore(state)
      if (state.view) verbs.jump(state.view)
    },
  }
}

function linkOf(parts: Parts, { chosen }: Settings): UrlState {
  const { view, asking, selection, scene, watching, first } = parts
  return {
    ...(view.value ? { view: view.value } : {}),
    ...asking.askedLink(),
    hide: [...selection.hidden.value],
    without: [...selection.without.value],
    fade: selection.opacity.value,
    rasters: selection.rasters.value,
    ...(scene.value ? { scene: scene.value } : {}),
    ...(watching.scope.value === first ? {} : { scope: watching.scope.value }),
    ...(chosen.lang.value ? { lang: chosen.lang.value } : {}),
    ...(chosen.theme.value ? { theme: chosen.theme.value } : {}),
  }
}

/** Tells the layers that changed from the views: each is asked for by itself; figures before the catalogue, as both count. */
function createListening(client: Client, settings: Settings, parts: Parts, saved: Views, edition: Ref<number>, open: OpenStream): Live {
  const { catalogue, asking, watching } = parts
  const renewCatalogue = createRenewal(() => catalogue.renew((signal) => client.catalogue(settings.lang.value, signal)), RENEW_WAIT_MS)
  const recount = createRenewal(() => watching.recount().then(renewCatalogue), RENEW_WAIT_MS)
  const renewRest = createRenewal(() => {
    edition.value += 1
    return Promise.all([asking.renewAnswer(), watching.renewNews()])
  }, RENEW_WAIT_MS)
  return createLive({
    open,
    poll: async (signal) => revisionsOf(await client.catalogue(settings.lang.value, signal)),
    onChange: (layers) => {
      if (layers.includes(VIEWS)) void saved.renew()
      if (layers.every((name) => name === VIEWS)) return
      recount()
      renewRest()
    },
    onRecovered: () => {
      recount()
      renewRest()
      void saved.renew()
    },
    now: Date.now,
  })
}

export function createWall(client: Client, settings: Settings, start: UrlState, open: OpenStream): Wall {
  const parts = createParts(client, settings, start)
  const { asking, watching, selection, listed } = parts
  const edition = ref(0)
  const verbs: MapVerbs = { jump: () => undefined, flyTo: () => undefined, frameRing: () => undefined, frame: () => undefined }
  const moves = createMoves(parts, verbs)
  const saved = createViews({ client, settings, scene: parts.scene, show: moves.show })
  const screen = (): { tourMs: number; tourRestMs: number } => watching.scenes.value?.screen ?? { tourMs: 30_000, tourRestMs: 180_000 }
  const tour = createTour({ next: () => saved.step(1), viewMs: () => screen().tourMs, restMs: () => screen().tourRestMs })
  const load = async (): Promise<void> => {
    await Promise.all([parts.load().then(() => watching.load()), saved.load()])
  }
  watch(settings.lang, () => {
    void load()
    asking.askAgain()
  })
  if (start.at) asking.ask(start.at.lon, start.at.lat, start.place, start.ringsM ?? insideOf(start))
  if (start.scene && !start.hide) {
    // A link that names a duty only: its layers are known when the scenes have come.
    const stop = watch([listed, () => watching.scenes.value], ([layers, told]) => {
      const scene = told?.scenes.find((each) => each.name === start.scene)
      if (layers.length === 0 || !told) return
      stop()
      if (scene) selection.setLayers(hiddenBy(scene, layers), false)
    })
  }
  return {
    ...asking,
    ...watching,
    ...moves,
    ...createPointing(),
    client,
    settings,
    selection,
    catalogue: parts.catalogue.state,
    legend: parts.legend.state,
    presets: parts.presets.state,
    thresholds: parts.thresholds.state,
    layers: computed(() => new Map(listed.value.map((layer) => [layer.name, layer]))),
    grades: computed(() => gradeStyles(parts.legend.state.value ?? [])),
    view: parts.view,
    frame: parts.frame,
    scene: parts.scene,
    saved,
    tour,
    live: createListening(client, settings, parts, saved, edition, open),
    edition,
    card: ref(null),
    cluster: shallowRef(null),
    rasters: shallowRef([]),
    tool: ref(null),
    measured: shallowRef(null),
    opened: ref(null),
    t: (key, values) => translate(settings.lang.value, key, values),
    load,
    verbs,
    link: () => linkOf(parts, settings),
  }
}
