/** What the wall watches: figures of the frame, what changed, what is overdue; asked again when the frame or the data changes. */
import { computed, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { Client } from '../api'
import type { Bounds, Counts, LayerInfo } from '../model'
import type { Changes, Figures, FiguresQuery, Outline, Overdue, Scenes, Scope } from '../watchModel'
import { createResource } from './resource'
import type { Resource } from './resource'
import type { Settings } from './settings'
import { NO_COUNTS, coversData, riskCounts } from './sums'

/** A frame is asked when it has come to rest: so long nothing has moved. */
export const REST_MS = 300
/** What failed is tried again: nobody may stand before a wall. */
export const AGAIN_MS = 5000

export interface Watching {
  readonly scope: Ref<Scope>
  /** Whether the figures are of a part: the frame shows less than all data. */
  readonly isPart: ComputedRef<boolean>
  readonly figures: Resource<Figures>
  /** The figures of the scope could not be had: those before are another frame's, or older than the data. */
  readonly isUnknown: Readonly<Ref<boolean>>
  readonly changes: Resource<Changes>
  readonly overdue: Resource<readonly Overdue[]>
  readonly outlines: Resource<readonly Outline[]>
  readonly scenes: Resource<Scenes>
  /** By grade, of the risk layers that are shown, in the frame of now, whatever the scope; null until it has been counted. */
  readonly inFrame: ComputedRef<Counts | null>
  /** By grade, of the risk layers that are shown, in the scope: strip, tree, table and charts are sums of the same. Null: not known. */
  readonly strip: ComputedRef<Counts | null>
  /** A layer's own figures in the scope; null where they could not be had: another frame's or everything's are no stand-in. */
  readonly figuresOf: (layer: LayerInfo) => { readonly counts: Counts; readonly total: number } | null
  /** The figures alone: they wait for nothing that is slower. */
  recount(): Promise<unknown>
  /** What each grade gained in 24 h, of the risk layers that are shown. */
  readonly gained: ComputedRef<Counts | null>
}

export interface Watched extends Watching {
  load(): Promise<unknown>
  /** What changed, and what is overdue. */
  renewNews(): Promise<unknown>
}

interface Sources {
  readonly client: Client
  readonly settings: Settings
  readonly layers: Readonly<Ref<readonly LayerInfo[]>>
  readonly hidden: Readonly<Ref<ReadonlySet<string>>>
  readonly frame: Readonly<Ref<Bounds | null>>
  readonly scope: Scope
}

function queryOf({ layers, hidden, frame }: Sources, scope: Scope): FiguresQuery {
  const counted = layers.value.filter((layer) => layer.risk)
  return {
    layers: counted.map((layer) => layer.name),
    counted: counted.filter((layer) => layer.graded && !hidden.value.has(layer.name)).map((layer) => layer.name),
    frame: scope === 'frame' && !coversData(frame.value, layers.value) ? frame.value : null,
  }
}

/** Figures with the frame that they are of; null: everything. */
interface Counted extends Figures {
  readonly frame: Bounds | null
}

interface Counting {
  readonly state: Resource<Counted>
  /** The last counting failed: what was counted before is another frame's, or older than the data. */
  readonly isUnknown: Readonly<Ref<boolean>>
  count(): Promise<unknown>
}

/** Counts what is asked, when the frame has come to rest; nothing while there is nothing to ask. */
function createCounting({ client, settings: { lang } }: Sources, query: ComputedRef<FiguresQuery | null>): Counting {
  const figures = createResource<Counted>()
  const isUnknown = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  const count = async (): Promise<unknown> => {
    const asked = query.value
    if (!asked || asked.layers.length === 0) return
    clearTimeout(timer)
    const found = await figures.load(async (signal) => ({ ...await client.figures(asked, lang.value, signal), frame: asked.frame }))
    if (found) isUnknown.value = false
    else if (figures.state.status === 'failed') {
      isUnknown.value = true
      timer = setTimeout(() => void count(), AGAIN_MS)
    }
    return found
  }
  // Names of divisions are asked in the reader's language.
  watch(() => lang.value + JSON.stringify(query.value), () => {
    clearTimeout(timer)
    timer = setTimeout(() => void count(), figures.state.value ? REST_MS : 0)
  })
  return { state: figures.state, isUnknown, count }
}

export function createWatching(sources: Sources): Watched {
  const { client, settings: { lang }, layers, hidden } = sources
  const changes = createResource<Changes>()
  const overdue = createResource<readonly Overdue[]>()
  const outlines = createResource<readonly Outline[]>()
  const scenes = createResource<Scenes>()
  const scope = ref<Scope>(sources.scope)
  const framed = computed(() => queryOf(sources, 'frame'))
  const query = computed(() => (scope.value === 'frame' ? framed.value : queryOf(sources, 'all')))
  const figures = createCounting(sources, query)
  // The frame beside everything: where that is counted, and the frame holds less.
  const beside = createCounting(sources, computed(() => (scope.value === 'all' && framed.value.frame ? framed.value : null)))
  const news = (): Promise<unknown> => Promise.all([
    changes.renew((signal) => client.changes(lang.value, signal)),
    overdue.renew((signal) => client.overdue(lang.value, signal)),
  ])
  const figuresOf: Watching['figuresOf'] = (layer) => {
    const known = figures.state.value
    if (!layer.risk) return layer
    if (figures.isUnknown.value) return null
    return known ? (known.layers.get(layer.name) ?? { counts: NO_COUNTS, total: 0 }) : layer
  }
  const inFrame = computed(() => {
    const { frame } = framed.value
    const counted = scope.value === 'frame' || frame === null ? figures : beside
    const known = counted.isUnknown.value ? null : counted.state.value
    return known?.frame === frame ? riskCounts(layers.value, hidden.value, ({ name }) => known.layers.get(name)?.counts ?? NO_COUNTS) : null
  })
  return {
    scope,
    isPart: computed(() => query.value.frame !== null),
    figures: figures.state,
    changes: changes.state,
    overdue: overdue.state,
    outlines: outlines.state,
    scenes: scenes.state,
    figuresOf,
    inFrame,
    isUnknown: figures.isUnknown,
    strip: computed(() => (figures.isUnknown.value ? null : riskCounts(layers.value, hidden.value, (layer) => figuresOf(layer)?.counts ?? NO_COUNTS))),
    gained: computed(() => {
      const told = changes.state.value
      return told && riskCounts(layers.value, hidden.value, (layer) => told.gained.get(layer.name) ?? NO_COUNTS)
    }),
    load: () => Promise.all([
      scenes.load((signal) => client.scenes(lang.value, signal)),
      outlines.load((signal) => client.outlines(lang.value, signal)),
      news(),
    ]),
    recount: () => Promise.all([figures.count(), beside.count()]),
    renewNews: news,
  }
}
