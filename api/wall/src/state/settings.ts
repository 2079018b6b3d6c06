/** How the wall is shown: language and theme. Chosen ones are kept on this machine; else system and browser decide. */
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { LANGS, THEMES } from '../model'
import type { Lang, Theme } from '../model'

const KEYS = { lang: 'onemap.lang', theme: 'onemap.theme' } as const

export interface Settings {
  readonly lang: Ref<Lang>
  readonly theme: ComputedRef<Theme>
  /** What was chosen by hand, for the link; null while system and browser decide. */
  readonly chosen: { readonly lang: Ref<Lang | null>; readonly theme: Ref<Theme | null> }
  setLang(lang: Lang): void
  setTheme(theme: Theme): void
  otherTheme(): void
  /** Fills the screen, or leaves it. */
  fullScreen(): void
}

export interface SettingsSources {
  /** From the link, which beats everything. */
  readonly link: { readonly lang?: Lang; readonly theme?: Theme }
  /** Null where the browser forbids storage. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null
  readonly browserLang: string
  readonly systemDark: Ref<boolean>
}

/** The browser's storage, or null where it is forbidden (then choices last as long as the page). */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}

/** Whether the system asks for dark, followed while the page is open. */
export function systemDark(query: MediaQueryList): Ref<boolean> {
  const dark = ref(query.matches)
  query.addEventListener('change', (event) => {
    dark.value = event.matches
  })
  return dark
}

export function createSettings({ link, storage, browserLang, systemDark: dark }: SettingsSources): Settings {
  const kept = <T extends string>(key: string, known: readonly T[]): T | null =>
    known.find((name) => name === storage?.getItem(key)) ?? null
  const chosenLang = ref<Lang | null>(link.lang ?? kept(KEYS.lang, LANGS))
  const chosenTheme = ref<Theme | null>(link.theme ?? kept(KEYS.theme, THEMES))
  const lang = ref<Lang>(chosenLang.value ?? (/^zh\b|^$/i.test(browserLang) ? 'zh' : 'en'))
  const theme = computed<Theme>(() => chosenTheme.value ?? (dark.value ? 'dark' : 'light'))
  const setTheme = (next: Theme): void => {
    chosenTheme.value = next
    storage?.setItem(KEYS.theme, next)
  }
  return {
    lang,
    theme,
    chosen: { lang: chosenLang, theme: chosenTheme },
    setLang(next) {
      lang.value = next
      chosenLang.value = next
      storage?.setItem(KEYS.lang, next)
    },
    setTheme,
    otherTheme: () => { setTheme(theme.value === 'dark' ? 'light' : 'dark') },
    fullScreen: () => {
      void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())
    },
  }
}
