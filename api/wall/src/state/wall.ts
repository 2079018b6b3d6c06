/** The wall's one state: what is loaded, what is shown, what is asked; components read it and call its verbs. */
import { computed, inject, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, InjectionKey, Ref } from 'vue'

import type { Client } from '../api'
import { translate } from '../i18n'
import type { MessageKey, MessageValues } from '../i18n'
import { createLive } from '../live/live'
import type { Live } from '../live/live'
import type { OpenStream } from '../live/stream'
import type { Catalogue, Counts, Grade, LayerInfo, LegendEntry, LegendItem, Question, RiskAnswer } from '../model'
import { createRenewal } from './renewal'
import { createResource } from './resource'
import type { Resource } from './resource'
import { createSelection } from './selection'
import type { Selection } from './selection'
import type { Settings } from './settings'
import { gradeStyles, riskCounts } from './sums'
import type { MapView, UrlState } from './url'

const DEFAULT_RADIUS_M = 5000
/** An import tells of itself by many statements: they are one renewal. */
const RENEW_WAIT_MS = 80

export interface Wall {
  readonly client: Client
  readonly settings: Settings
  readonly selection: Selection
  readonly catalogue: Resource<Catalogue>
  readonly legend: Resource<readonly LegendEntry[]>
  readonly layers: ComputedRef<ReadonlyMap<string, LayerInfo>>
  readonly grades: ComputedRef<ReadonlyMap<Grade, LegendItem>>
  readonly strip: ComputedRef<Counts>
  readonly question: Readonly<Ref<Question | null>>
  readonly answer: Resource<RiskAnswer>
  readonly radiusM: Readonly<Ref<number>>
  readonly view: Ref<MapView | null>
  readonly live: Live
  /** Raised whenever what the map shows has changed in the database. */
  readonly edition: Readonly<Ref<number>>
  /** The feature under the pointer or the focus, in the list or on the map. */
  readonly pointed: Ref<string | null>
  t(key: MessageKey, values?: MessageValues): string
  load(): Promise<void>
  ask(lon: number, lat: number): void
  setRadius(radiusM: number): void
  askAgain(): void
  closeAnswer(): void
  link(): UrlState
  /** What the map can be asked to do by the panels; it fills them in when it is there. */
  readonly verbs: MapVerbs
}

export interface MapVerbs {
  flyTo: (lon: number, lat: number) => void
  frameRing: () => void
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

function createAsking(client: Client, settings: Settings, start: UrlState) {
  const radiusM = ref(start.radiusM ?? DEFAULT_RADIUS_M)
  const question = shallowRef<Question | null>(null)
  const answer = createResource<RiskAnswer>()
  const put = (next: Question): void => {
    question.value = next
    void answer.load((signal) => client.risk(next, settings.lang.value, signal))
  }
  return {
    radiusM,
    question,
    answer: answer.state,
    ask: (lon: number, lat: number) => {
      put({ lon, lat, radiusM: radiusM.value })
    },
    setRadius(next: number) {
      radiusM.value = next
      if (question.value) put({ ...question.value, radiusM: next })
    },
    askAgain() {
      if (question.value) put(question.value)
    },
    renewAnswer(): Promise<unknown> {
      const asked = question.value
      return asked ? answer.renew((signal) => client.risk(asked, settings.lang.value, signal)) : Promise.resolve()
    },
    closeAnswer() {
      question.value = null
      answer.clear()
    },
  }
}

export function createWall(client: Client, settings: Settings, start: UrlState, open: OpenStream): Wall {
  const { lang, theme, chosen } = settings
  const selection = createSelection(start.hide ?? [], start.without ?? [])
  const catalogue = createResource<Catalogue>()
  const legend = createResource<readonly LegendEntry[]>()
  const asking = createAsking(client, settings, start)
  const view = shallowRef<MapView | null>(start.view ?? null)
  const listed = computed(() => catalogue.state.value?.layers ?? [])

  const loadLegend = (): Promise<unknown> => legend.load((signal) => client.legend(lang.value, theme.value, signal))
  const load = async (): Promise<void> => {
    await Promise.all([catalogue.load((signal) => client.catalogue(lang.value, signal)), loadLegend()])
  }
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
  watch(theme, () => void loadLegend())
  if (start.at) asking.ask(start.at.lon, start.at.lat)

  return {
    ...asking,
    client,
    settings,
    selection,
    catalogue: catalogue.state,
    legend: legend.state,
    layers: computed(() => new Map(listed.value.map((layer) => [layer.name, layer]))),
    grades: computed(() => gradeStyles(legend.state.value ?? [])),
    strip: computed(() => riskCounts(listed.value, selection.hidden.value)),
    view,
    live,
    edition,
    pointed: ref(null),
    t: (key, values) => translate(lang.value, key, values),
    load,
    verbs: { flyTo: () => undefined, frameRing: () => undefined },
    link: () => ({
      ...(view.value ? { view: view.value } : {}),
      ...(asking.question.value ? { at: asking.question.value } : {}),
      ...(asking.radiusM.value === DEFAULT_RADIUS_M && !asking.question.value ? {} : { radiusM: asking.radiusM.value }),
      hide: [...selection.hidden.value],
      without: [...selection.without.value],
      ...(chosen.lang.value ? { lang: chosen.lang.value } : {}),
      ...(chosen.theme.value ? { theme: chosen.theme.value } : {}),
    }),
  }
}
