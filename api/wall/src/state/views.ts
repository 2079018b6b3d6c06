/** Saved views: shared by every wall through the service, opened by name, one after another. */
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { ApiError } from '../api'
import type { Client } from '../api'
import type { SavedView } from '../watchModel'
import { createResource } from './resource'
import type { Resource } from './resource'
import type { Settings } from './settings'
import { formatHash, parseHash } from './url'
import type { UrlState } from './url'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface Views {
  readonly views: Resource<readonly SavedView[]>
  /** Those of the scene, and those of none. */
  readonly listed: ComputedRef<readonly SavedView[]>
  /** The name of the one that was opened last. */
  readonly current: Ref<string | null>
  /** Why the last saving or removing failed. */
  readonly failed: Ref<ApiError | null>
  load(): Promise<unknown>
  renew(): Promise<unknown>
  open(view: SavedView): void
  /** Opens the view `by` places further on; false when there is none. */
  step(by: number): boolean
  save(name: string, state: UrlState): Promise<boolean>
  forget(name: string): Promise<boolean>
}

interface Sources {
  readonly client: Client
  readonly settings: Settings
  readonly scene: Readonly<Ref<string | null>>
  readonly show: (state: UrlState) => void
}

/** The views of a duty: its own and those of no duty; without a duty all of them. */
export function viewsOf(views: readonly SavedView[], duty: string | null): readonly SavedView[] {
  return duty === null ? views : views.filter((view) => view.duty === duty || view.duty === '')
}

/** How a wall looks is its own: a view brings neither language nor theme. */
function plain(state: UrlState): UrlState {
  const kept: Mutable<UrlState> = { ...state }
  delete kept.lang
  delete kept.theme
  return kept
}

export function createViews({ client, settings: { lang }, scene, show }: Sources): Views {
  const fetched = createResource<readonly SavedView[]>()
  const current = ref<string | null>(null)
  const failed = ref<ApiError | null>(null)
  const listed = computed(() => viewsOf(fetched.state.value ?? [], scene.value))
  const renew = (): Promise<unknown> => fetched.renew((signal) => client.views(lang.value, signal))

  const open = (view: SavedView): void => {
    current.value = view.name
    show(plain(parseHash(view.link)))
  }
  const doing = async (work: Promise<void>): Promise<boolean> => {
    failed.value = null
    try {
      await work
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
      failed.value = reason
      return false
    }
    await renew()
    return true
  }
  return {
    views: fetched.state,
    listed,
    current,
    failed,
    load: () => fetched.load((signal) => client.views(lang.value, signal)),
    renew,
    open,
    step: (by) => {
      const all = listed.value
      const at = all.findIndex((view) => view.name === current.value)
      const next = all[(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by + all.length) % Math.max(all.length, 1)]
      if (!next) return false
      open(next)
      return true
    },
    save: async (name, state) => {
      const isSaved = await doing(client.saveView({ name, duty: scene.value ?? '', link: formatHash(plain(state)) || '#' }, lang.value))
      if (isSaved) current.value = name
      return isSaved
    },
    forget: (name) => doing(client.forgetView(name, lang.value)),
  }
}
