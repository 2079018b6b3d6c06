/** How the wall is shown: language and theme. Chosen ones are kept on this machine; else system and browser decide. */
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import type { Lang, Theme } from '../model'
import { KEPT, chosenLook, langOf } from './look'
import type { Kept } from './look'

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
  readonly storage: Kept
  readonly browserLang: string
  readonly systemDark: Ref<boolean>
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
  const before = chosenLook(link, storage)
  const chosenLang = ref<Lang | null>(before.lang)
  const chosenTheme = ref<Theme | null>(before.theme)
  const lang = ref<Lang>(before.lang ?? langOf(browserLang))
  const theme = computed<Theme>(() => chosenTheme.value ?? (dark.value ? 'dark' : 'light'))
  const setTheme = (next: Theme): void => {
    chosenTheme.value = next
    storage?.setItem(KEPT.theme, next)
  }
  return {
    lang,
    theme,
    chosen: { lang: chosenLang, theme: chosenTheme },
    setLang(next) {
      lang.value = next
      chosenLang.value = next
      storage?.setItem(KEPT.lang, next)
    },
    setTheme,
    otherTheme: () => { setTheme(theme.value === 'dark' ? 'light' : 'dark') },
    fullScreen: () => {
      void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())
    },
  }
}
