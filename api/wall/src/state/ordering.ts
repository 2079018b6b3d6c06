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

/** What an exhibit is to be of, beside the question. */
export interface Wanted {
  /** What the asked place is called. */
  readonly place: string
  /** The division that is asked, or that the asked place lies in. */
  readonly division: string | null
  /** Null: all that there are. */
  readonly layers: readonly string[] | null
  readonly grades: readonly string[] | null
  readonly today: Date
}

/** How far back a comparison looks. */
const COMPARED_DAYS = 30
const DAY_MS = 86_400_000
/** The kinds that are of a place; all others are of a division. */
const OF_A_PLACE = ['surroundings', 'thematic']

/** The kind that a question is printed as when nobody chose: a division's hazards, else the surroundings of the place. */
export function kindOf(question: Question): string {
  return question.place.kind === 'division' ? 'hazards' : 'surroundings'
}

/** Whether an exhibit of a kind can be made of a question. */
export function canShow(kind: string, question: Question, division: string | null): boolean {
  if (kind === 'surroundings') return question.place.kind !== 'division'
  return division !== null || (OF_A_PLACE.includes(kind) && question.place.kind !== 'division')
}

function day(at: Date): string {
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`
}

/** The request of an exhibit of a kind: what is shown on the wall is what is printed. */
export function exhibitOf(question: Question, { place, division, layers, grades, today }: Wanted, kind = kindOf(question)): object {
  const shown = { kind, ...(layers ? { layers } : {}), ...(grades ? { grades } : {}) }
  if (OF_A_PLACE.includes(kind) && question.place.kind !== 'division') {
    const radii = question.ringsM.filter((radiusM) => radiusM > 0).slice(-MOST_RINGS)
    return {
      ...shown, lon: question.lon, lat: question.lat, ...(radii.length > 0 ? { radius_m: radii } : {}), ...(place === '' ? {} : { place: place.slice(0, 30) }),
    }
  }
  const of = { ...shown, division }
  if (kind === 'comparison') return { ...of, since: day(new Date(today.getTime() - COMPARED_DAYS * DAY_MS)) }
  return kind === 'assessment' ? { ...of, period: day(today).slice(0, 7) } : of
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
