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
import type { OpenStream } from '../live/stream'
import type { Bounds, Catalogue, Counts, Grade, LayerInfo, LegendEntry, LegendItem, Preset, Thresholds } from '../model'
import { createAsking } from './asking'
import type { Asking } from './asking'
import { createRenewal } from './renewal'
import { createResource } from './resource'
import type { Fetched, Resource } from './resource'
import { createSelection } from './selection'
import type { Selection } from './selection'
import type { Settings } from './settings'
import { gradeStyles, riskCounts } from './sums'
import type { MapView, UrlState } from './url'

/** An import tells of itself by many statements: they are one renewal. */
const RENEW_WAIT_MS = 80

export interface Wall extends Asking {
  readonly client: Client
  readonly settings: Settings
  readonly selection: Selection
  readonly catalogue: Resource<Catalogue>
  readonly legend: Resource<readonly LegendEntry[]>
  readonly presets: Resource<readonly Preset[]>
  readonly thresholds: Resource<Thresholds>
  readonly layers: ComputedRef<ReadonlyMap<string, LayerInfo>>
  readonly grades: ComputedRef<ReadonlyMap<Grade, LegendItem>>
  readonly strip: ComputedRef<Counts>
  readonly view: Ref<MapView | null>
  /** What the map shows: west, south, east, north. */
  readonly frame: Ref<Bounds | null>
  readonly live: Live
  /** Raised whenever what the map shows has changed in the database. */
  readonly edition: Readonly<Ref<number>>
  /** The feature under the pointer or the focus, in the list or on the map. */
  readonly pointed: Ref<string | null>
  /** The feature whose card is open. */
  readonly card: Ref<string | null>
  /** The drawing tool that is taken up. */
  readonly tool: Ref<Tool | null>
  /** What was measured last, and stays on the map. */
  readonly measured: Ref<Measured | null>
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

export interface MapVerbs {
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

export function createWall(client: Client, settings: Settings, start: UrlState, open: OpenStream): Wall {
  const { lang, chosen } = settings
  const selection = createSelection(start.hide ?? [], start.without ?? [])
  const { catalogue, legend, presets, thresholds, load } = createLoaded(client, settings)
  const asking = createAsking(client, settings, start)
  const view = shallowRef<MapView | null>(start.view ?? null)
  const listed = computed(() => catalogue.state.value?.layers ?? [])
  const edition = ref(0)
  const renew = createRenewal(() => {
    edition.value += 1
    return Promise.all([catalogue.renew((signal) => client.catalogue(lang.value, signal)), asking.renewAnswer()])
  }, RENEW_WAIT_MS)
  const live = createLive({
    open,
    poll: async (signal) => revisionsOf(await client.catalogue(lang.value, signal)),
    onChange: renew,
    onRecovered: renew,
    now: Date.now,
  })
  watch(lang, () => {
    void load()
    asking.askAgain()
  })
  if (start.at) asking.ask(start.at.lon, start.at.lat, start.place, start.ringsM)
  return {
    ...asking,
    client,
    settings,
    selection,
    catalogue: catalogue.state,
    legend: legend.state,
    presets: presets.state,
    thresholds: thresholds.state,
    layers: computed(() => new Map(listed.value.map((layer) => [layer.name, layer]))),
    grades: computed(() => gradeStyles(legend.state.value ?? [])),
    strip: computed(() => riskCounts(listed.value, selection.hidden.value)),
    view,
    frame: shallowRef(null),
    live,
    edition,
    pointed: ref(null),
    card: ref(null),
    tool: ref(null),
    measured: shallowRef(null),
    t: (key, values) => translate(lang.value, key, values),
    load,
    verbs: { flyTo: () => undefined, frameRing: () => undefined, frame: () => undefined },
    link: () => ({
      ...(view.value ? { view: view.value } : {}),
      ...asking.askedLink(),
      hide: [...selection.hidden.value],
      without: [...selection.without.value],
      ...(chosen.lang.value ? { lang: chosen.lang.value } : {}),
      ...(chosen.theme.value ? { theme: chosen.theme.value } : {}),
    }),
  }
}
