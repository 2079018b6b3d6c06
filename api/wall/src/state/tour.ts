/** The tour (轮播): one view after another; any touch stops it, and after a rest it goes on by itself. */
import { ref } from 'vue'
import type { Ref } from 'vue'

export type TourState = 'off' | 'running' | 'resting'

export interface Tour {
  readonly state: Readonly<Ref<TourState>>
  toggle(): void
  /** Somebody touched the wall. */
  touched(): void
  stop(): void
}

export interface TourOptions {
  /** Shows the next view; false: there is none. */
  readonly next: () => boolean
  readonly viewMs: () => number
  readonly restMs: () => number
}

export function createTour({ next, viewMs, restMs }: TourOptions): Tour {
  const state = ref<TourState>('off')
  let timer: ReturnType<typeof setTimeout> | undefined

  const stop = (): void => {
    clearTimeout(timer)
    state.value = 'off'
  }
  const step = (): void => {
    clearTimeout(timer)
    if (!next()) {
      stop()
      return
    }
    state.value = 'running'
    timer = setTimeout(step, viewMs())
  }
  return {
    state,
    stop,
    toggle: () => {
      if (state.value === 'off') step()
      else stop()
    },
    touched: () => {
      if (state.value === 'off') return
      clearTimeout(timer)
      state.value = 'resting'
      timer = setTimeout(step, restMs())
    },
  }
}
