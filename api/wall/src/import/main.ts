/** Starts the import page: the wall's look, language and theme, without its map of risks. */
import { createApp, watchEffect } from 'vue'

import 'maplibre-gl/dist/maplibre-gl.css'
import '../styles/tokens.css'
import '../styles/base.css'
import { browserStorage } from '../state/look'
import { createSettings, systemDark } from '../state/settings'
import { parseHash } from '../state/url'
import ImportPage from './ImportPage.vue'

const settings = createSettings({
  link: parseHash(window.location.hash),
  storage: browserStorage(),
  browserLang: navigator.language,
  systemDark: systemDark(window.matchMedia('(prefers-color-scheme: dark)')),
})
watchEffect(() => {
  document.documentElement.dataset['theme'] = settings.theme.value
  document.documentElement.lang = settings.lang.value === 'zh' ? 'zh-CN' : 'en'
})
createApp(ImportPage, { settings }).mount('#app')
