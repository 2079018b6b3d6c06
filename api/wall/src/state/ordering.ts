/** An exhibit on order: asked for, waited for, fetched; the question decides which kind it is. */
import { ref } from 'vue'
import type { Ref } from 'vue'

import { ApiError } from '../api'
import type { Client } from '../api'
import type { Lang, Question } from '../model'

const ASK_AGAIN_MS = 700
/** Rings on one page. */
const MOST_RINGS = 5

export type OrderState =
  | { readonly is: 'idle' }
  | { readonly is: 'waiting'; readonly format: string; readonly sinceMs: number }
  | { readonly is: 'done'; readonly format: string; readonly url: string }
  | { readonly is: 'failed'; readonly error: ApiError }

/** What the exhibit shows: a division's hazards, else the surroundings of the place. */
export function exhibitOf(question: Question, place: string, layers: readonly string[] | null, grades: readonly string[] | null): object {
  const shown = { ...(layers ? { layers } : {}), ...(grades ? { grades } : {}) }
  if (question.place.kind === 'division') return { kind: 'hazards', division: question.place.code, ...shown }
  const radii = question.ringsM.filter((radiusM) => radiusM > 0).slice(-MOST_RINGS)
  return {
    kind: 'surroundings', lon: question.lon, lat: question.lat, ...(radii.length > 0 ? { radius_m: radii } : {}),
    ...(place === '' ? {} : { place: place.slice(0, 30) }), ...shown,
  }
}

export interface Ordering {
  readonly state: Readonly<Ref<OrderState>>
  order(request: object, format: string, lang: Lang): Promise<void>
  /** Waits no more, and forgets what was made. */
  leave(): void
}

export function createOrdering(client: Client, pause: (ms: number) => Promise<void> = (ms) => new Promise((done) => { setTimeout(done, ms) })): Ordering {
  const state = ref<OrderState>({ is: 'idle' })
  let turn = 0
  const leave = (): void => {
    turn += 1
    state.value = { is: 'idle' }
  }
  return {
    state,
    leave,
    order: async (request, format, lang) => {
      leave()
      const mine = turn
      state.value = { is: 'waiting', format, sinceMs: Date.now() }
      try {
        let made = await client.order(request, format, lang)
        while (made.state === 'running' && mine === turn) {
          await pause(ASK_AGAIN_MS)
          made = await client.orderState(made.id, lang)
        }
        if (mine !== turn) return
        state.value = made.state === 'done'
          ? { is: 'done', format, url: client.orderFile(made.id) }
          : { is: 'failed', error: new ApiError('problem', made.detail ?? '', made.detail === null ? {} : { detail: made.detail }) }
      } catch (reason) {
        if (!(reason instanceof ApiError)) throw reason
        if (mine === turn) state.value = { is: 'failed', error: reason }
      }
    },
  }
}
