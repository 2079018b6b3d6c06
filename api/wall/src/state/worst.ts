/** The worst risks of the frame, listed before anything is asked; a list is current only while it answers what is shown now. */
import { computed, onScopeDispose, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { Client } from '../api'
import { GRADES } from '../model'
import type { Bounds, Grade, Lang, LayerInfo } from '../model'
import type { Worst, WorstQuery } from '../watchModel'
import { createResource } from './resource'
import type { Resource } from './resource'
import { AGAIN_MS, REST_MS } from './watching'

/** An answer that comes sooner changes the rows alone. */
const SOON_MS = 250

/** A list with the question that it answers: what was asked, in which language, of which edition of the data. */
export interface Listing extends Worst {
  readonly question: string
}

export interface WorstUse {
  readonly listing: Resource<Listing>
  /** Whether what is listed is what would be listed if it were asked now, as far as is known. */
  readonly isCurrent: ComputedRef<boolean>
  /** That it is not, but for an answer that comes at once: rows that turned grey for it would only flicker. */
  readonly isOld: Readonly<Ref<boolean>>
  /** The last asking failed, and no other has succeeded since. */
  readonly hasFailed: Readonly<Ref<boolean>>
  readonly askAgain: () => Promise<unknown>
}

interface Sources {
  readonly client: Pick<Client, 'worst'>
  readonly lang: Readonly<Ref<Lang>>
  /** Null: nothing to ask, for what is shown holds no graded risk, or is not known yet. */
  readonly query: Readonly<Ref<WorstQuery | null>>
  /** Raised when the data changes. */
  readonly edition: Readonly<Ref<number>>
  /** Nobody tells of changes: what is listed may be old. */
  readonly isLost: Readonly<Ref<boolean>>
  /** Where somebody waits for the first list: it is asked at once. */
  readonly isAwaited?: boolean
}

/** The risks of the frame that are shown and have a grade: those without one are no worse and no better than others. */
export function worstOf(
  layers: readonly LayerInfo[], hidden: ReadonlySet<string>, without: ReadonlySet<Grade>, frame: Bounds | null, limit: number,
): WorstQuery | null {
  const names = layers.filter((layer) => layer.graded && !hidden.has(layer.name)).map((layer) => layer.name)
  const grades = GRADES.filter((grade) => grade !== 'none' && !without.has(grade))
  return frame === null || names.length === 0 || grades.length === 0 ? null : { layers: names, grades, box: frame, limit }
}

/** Lists for as long as the component lives: when the frame has come to rest, and when the data has changed. */
export function useWorst({ client, lang, query, edition, isLost, isAwaited = false }: Sources): WorstUse {
  const listing = createResource<Listing>()
  const question = computed(() => JSON.stringify([query.value, lang.value, edition.value]))
  const hasFailed = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  const ask = async (): Promise<unknown> => {
    const [asked, mine] = [query.value, question.value]
    if (asked === null) {
      listing.clear()
      hasFailed.value = false
      return
    }
    clearTimeout(timer)
    const found = await listing.load(async (signal) => ({ ...await client.worst(asked, lang.value, signal), question: mine }))
    if (found) hasFailed.value = false
    else if (listing.state.status === 'failed') {
      hasFailed.value = true
      timer = setTimeout(() => void ask(), AGAIN_MS)
    }
    return found
  }
  watch(question, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), isAwaited && listing.state.value === null ? 0 : REST_MS)
  }, { immediate: true })
  const isCurrent = computed(() => listing.state.status === 'ready' && listing.state.value?.question === question.value && !isLost.value)
  const isOld = ref(false)
  let aging: ReturnType<typeof setTimeout> | undefined
  watch(isCurrent, (current) => {
    clearTimeout(aging)
    if (current) isOld.value = false
    else aging = setTimeout(() => { isOld.value = true }, SOON_MS)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    clearTimeout(aging)
    listing.clear()
  })
  return {
    listing: listing.state,
    isCurrent,
    isOld,
    hasFailed,
    askAgain: ask,
  }
}
