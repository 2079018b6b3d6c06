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

/** A frame is asked when it has come to rest. */
const REST_MS = 300

export interface Watching {
  readonly scope: Ref<Scope>
  /** Whether the figures are of a part: the frame shows less than all data. */
  readonly isPart: ComputedRef<boolean>
  readonly figures: Resource<Figures>
  readonly changes: Resource<Changes>
  readonly overdue: Resource<readonly Overdue[]>
  readonly outlines: Resource<readonly Outline[]>
  readonly scenes: Resource<Scenes>
  /** By grade, of the risk layers that are shown, in the scope: strip, tree, table and charts are sums of the same. */
  readonly strip: ComputedRef<Counts>
  /** A layer's own figures in the scope. */
  readonly figuresOf: (layer: LayerInfo) => { readonly counts: Counts; readonly total: number }
  /** What each grade gained in 24 h, of the risk layers that are shown. */
  readonly gained: ComputedRef<Counts | null>
}

export interface Watched extends Watching {
  load(): Promise<unknown>
  /** The figures alone: they wait for nothing that is slower. */
  recount(): Promise<unknown>
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

export function createWatching(sources: Sources): Watched {
  const { client, settings: { lang }, layers, hidden } = sources
  const figures = createResource<Figures>()
  const changes = createResource<Changes>()
  const overdue = createResource<readonly Overdue[]>()
  const outlines = createResource<readonly Outline[]>()
  const scenes = createResource<Scenes>()
  const scope = ref<Scope>(sources.scope)
  const query = computed(() => queryOf(sources, scope.value))
  let timer: ReturnType<typeof setTimeout> | undefined

  const count = (): Promise<unknown> =>
    query.value.layers.length === 0 ? Promise.resolve() : figures.renew((signal) => client.figures(query.value, lang.value, signal))
  // Names of divisions are asked in the reader's language.
  watch(() => lang.value + JSON.stringify(query.value), () => {
    clearTimeout(timer)
    timer = setTimeout(() => void count(), figures.state.value ? REST_MS : 0)
  })
  const news = (): Promise<unknown> => Promise.all([
    changes.renew((signal) => client.changes(lang.value, signal)),
    overdue.renew((signal) => client.overdue(lang.value, signal)),
  ])
  const figuresOf: Watching['figuresOf'] = (layer) => {
    const known = figures.state.value
    if (!known || !layer.risk) return layer
    return known.layers.get(layer.name) ?? { counts: NO_COUNTS, total: 0 }
  }
  return {
    scope,
    isPart: computed(() => query.value.frame !== null),
    figures: figures.state,
    changes: changes.state,
    overdue: overdue.state,
    outlines: outlines.state,
    scenes: scenes.state,
    figuresOf,
    strip: computed(() => riskCounts(layers.value, hidden.value, (layer) => figuresOf(layer).counts)),
    gained: computed(() => {
      const told = changes.state.value
      return told && riskCounts(layers.value, hidden.value, (layer) => told.gained.get(layer.name) ?? NO_COUNTS)
    }),
    load: () => Promise.all([
      scenes.load((signal) => client.scenes(lang.value, signal)),
      outlines.load((signal) => client.outlines(lang.value, signal)),
      news(),
    ]),
    recount: count,
    renewNews: news,
  }
}
