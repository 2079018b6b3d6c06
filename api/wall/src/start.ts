/** The wall itself: its state from link, machine and system; then the catalogue and the map side by side. */
import { createApp } from 'vue'

import App from './App.vue'
import { createClient } from './api'
import { streamFrom } from './live/stream'
import { warmMap } from './map/controller'
import { keepAddress } from './state/address'
import { browserStorage } from './state/look'
import { createSettings, systemDark } from './state/settings'
import type { UrlState } from './state/url'
import { WALL, createWall } from './state/wall'

/** Starts the wall of a link; `fetcher` may have its first answers under way already. */
export function startWall(link: UrlState, base: URL, fetcher: typeof fetch): void {
  warmMap()
  const settings = createSettings({
    link,
    storage: browserStorage(),
    browserLang: navigator.language,
    systemDark: systemDark(window.matchMedia('(prefers-color-scheme: dark)')),
  })
  const wall = createWall(createClient(base, fetcher), settings, link, streamFrom(new URL('events', base)))
  keepAddress(wall)
  void wall.load()
  wall.live.start()
  createApp(App).provide(WALL, wall).mount('#app')
}
