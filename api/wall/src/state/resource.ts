/** Something that is fetched: the old value stays until the new one is whole, and the last request wins. */
import { shallowReactive } from 'vue'

import { ApiError } from '../api'

export type Status = 'idle' | 'loading' | 'ready' | 'failed'

export interface Resource<T> {
  readonly status: Status
  /** The last whole value; kept while a newer one is loading and when it failed. */
  readonly value: T | null
  readonly error: ApiError | null
}

export interface Fetched<T> {
  readonly state: Resource<T>
  /** Starts `fetch`, ends one that is under way. Resolves to the value, or to null when it failed or was overtaken. */
  load(fetch: (signal: AbortSignal) => Promise<T>): Promise<T | null>
  /** The same for something that is shown already: nothing dims, and a failure leaves what is there. */
  renew(fetch: (signal: AbortSignal) => Promise<T>): Promise<T | null>
  /** Back to nothing asked, nothing known. */
  clear(): void
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function createResource<T>(): Fetched<T> {
  const state: Mutable<Resource<T>> = shallowReactive<Resource<T>>({ status: 'idle', value: null, error: null })
  let current: AbortController | null = null

  const begin = (): AbortController => {
    current?.abort()
    current = new AbortController()
    return current
  }
  const load = async (fetch: (signal: AbortSignal) => Promise<T>, isQuiet: boolean): Promise<T | null> => {
    const mine = begin()
    if (!isQuiet) state.status = 'loading'
    try {
      const value = await fetch(mine.signal)
      if (mine !== current) return null
      Object.assign(state, { status: 'ready', value, error: null })
      return value
    } catch (reason) {
      // One that was overtaken has nothing to say, whatever it ended with.
      if (mine !== current) return null
      if (!(reason instanceof ApiError)) throw reason
      if (!isQuiet) Object.assign(state, { status: 'failed', error: reason })
      return null
    }
  }
  return {
    state,
    load: (fetch) => load(fetch, false),
    // What was never whole, or is under way, is no quiet matter.
    renew: (fetch) => load(fetch, state.status === 'ready'),
    clear() {
      begin().abort()
      Object.assign(state, { status: 'idle', value: null, error: null })
    },
  }
}
