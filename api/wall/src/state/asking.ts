/** What is asked and what was answered: the question, its rings, and the answer that belongs to it. */
import { computed, ref, shallowRef } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { Client } from '../api'
import { reachOf, ringsOf } from '../model'
import type { Place, Preset, Question, RiskAnswer } from '../model'
import { createResource } from './resource'
import type { Resource } from './resource'
import type { Settings } from './settings'
import type { UrlState } from './url'

const DEFAULT_RADIUS_M = 5000

/** An answer with the question that it is the answer to. */
export interface Answered extends RiskAnswer {
  readonly question: Question
}

/** How far is asked: chosen as a radius, or as the rings of a kind of event. */
export interface Reach {
  readonly ringsM: readonly number[]
  readonly event: string | null
}

export interface Asking {
  readonly question: Readonly<Ref<Question | null>>
  /** The question before, when this one was asked from its answer. */
  readonly ghost: Readonly<Ref<Question | null>>
  readonly answer: Resource<Answered>
  readonly reach: Readonly<Ref<Reach>>
  readonly radiusM: ComputedRef<number | null>
  /** Asks around a point, or any place that has one. */
  ask(lon: number, lat: number, place?: Place, ringsM?: readonly number[]): void
  /** Asks from a result of the answer: the old place stays in sight. */
  askFrom(id: string, lon: number, lat: number): void
  setRadius(radiusM: number): void
  setPreset(preset: Preset): void
  askAgain(): void
  renewAnswer(): Promise<unknown>
  closeAnswer(): void
  /** Asks what a link asks, or nothing. */
  restore(state: UrlState): void
  askedLink(): UrlState
}

const POINT: Place = { kind: 'point' }

/** A division without radius is asked inside. */
export function insideOf({ place, radiusM, ringsM }: UrlState): readonly number[] | undefined {
  return place?.kind === 'division' && radiusM === undefined && !ringsM ? [0] : undefined
}

function startingReach(start: UrlState): Reach {
  const ringsM = start.ringsM ?? ringsOf(start.radiusM ?? DEFAULT_RADIUS_M)
  return { ringsM, event: start.event ?? null }
}

export function createAsking(client: Client, settings: Settings, start: UrlState): Asking {
  const reach = shallowRef<Reach>(startingReach(start))
  const question = shallowRef<Question | null>(null)
  const ghost = shallowRef<Question | null>(null)
  const answer = createResource<Answered>()
  const isOwnReach = ref(false)

  const fetchOf = (asked: Question) => async (signal: AbortSignal): Promise<Answered> => {
    const found = await client.risk(asked, settings.lang.value, signal)
    return { ...found, question: asked }
  }
  const put = (next: Question): void => {
    question.value = next
    void answer.load(fetchOf(next))
  }
  const setReach = (next: Reach): void => {
    reach.value = next
    isOwnReach.value = true
    // What lies inside a division has no rings.
    if (question.value && reachOf(question.value) > 0) put({ ...question.value, ...next })
  }
  const closeAnswer = (): void => {
    question.value = null
    ghost.value = null
    answer.clear()
  }
  const ask: Asking['ask'] = (lon, lat, place = POINT, ringsM) => {
    ghost.value = null
    put({ place, lon, lat, ...(ringsM ? { ringsM, event: null } : reach.value) })
  }
  return {
    question,
    ghost,
    answer: answer.state,
    reach,
    radiusM: computed(() => (reach.value.event === null ? (reach.value.ringsM.at(-1) ?? null) : null)),
    ask,
    askFrom: (id, lon, lat) => {
      const before = question.value
      put({ place: { kind: 'feature', id }, lon, lat, ...reach.value })
      ghost.value = before
    },
    setRadius: (radiusM) => { setReach({ ringsM: ringsOf(radiusM), event: null }) },
    setPreset: (preset) => { setReach({ ringsM: preset.ringsM, event: preset.event }) },
    askAgain: () => {
      if (question.value) put(question.value)
    },
    renewAnswer: () => {
      const asked = question.value
      return asked ? answer.renew(fetchOf(asked)) : Promise.resolve()
    },
    closeAnswer,
    restore: (state) => {
      if (state.radiusM !== undefined || state.ringsM) reach.value = startingReach(state)
      if (state.at) ask(state.at.lon, state.at.lat, state.place, insideOf(state))
      else closeAnswer()
    },
    askedLink: () => linkOf(question.value, reach.value, isOwnReach.value),
  }
}

/** The rings are written as one radius where they are those of a radius: such links are short and old ones still work. */
function linkOf(question: Question | null, reach: Reach, isOwnReach: boolean): UrlState {
  const { ringsM, event } = question ?? reach
  const radiusM = ringsM.at(-1) ?? 0
  const isPlain = event === null && ringsOf(radiusM).join() === ringsM.join()
  // Inside of a division there are no rings to keep.
  const isInside = question !== null && radiusM === 0
  const far: UrlState = isInside ? {} : isPlain ? { radiusM } : { ringsM, ...(event === null ? {} : { event }) }
  if (!question) return isOwnReach && radiusM !== DEFAULT_RADIUS_M ? far : {}
  return { at: { lon: question.lon, lat: question.lat }, place: question.place, ...far }
}
