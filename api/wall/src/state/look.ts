/** Language and theme as the page starts: from the link, else what was chosen on this machine, else browser and system. */
import { LANGS, THEMES } from '../model'
import type { Lang, Theme } from '../model'

/** The names under which choices are kept. */
export const KEPT = { lang: 'onemap.lang', theme: 'onemap.theme' } as const

/** Null where the browser forbids storage. */
export type Kept = Pick<Storage, 'getItem' | 'setItem'> | null

/** What was chosen by hand; null while system and browser decide. */
export interface Chosen {
  readonly lang: Lang | null
  readonly theme: Theme | null
}

/** The browser's storage, or null where it is forbidden (then choices last as long as the page). */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}

function kept<T extends string>(storage: Kept, key: string, known: readonly T[]): T | null {
  return known.find((name) => name === storage?.getItem(key)) ?? null
}

/** What the link says, which beats everything, or what was chosen here before. */
export function chosenLook(link: { readonly lang?: Lang; readonly theme?: Theme }, storage: Kept): Chosen {
  return { lang: link.lang ?? kept(storage, KEPT.lang, LANGS), theme: link.theme ?? kept(storage, KEPT.theme, THEMES) }
}

/** The language of a browser that nobody told otherwise. */
export function langOf(browserLang: string): Lang {
  return /^zh\b|^$/i.test(browserLang) ? 'zh' : 'en'
}
