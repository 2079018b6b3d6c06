/** Starts the wall: settings from link, machine and system; then the catalogue and the map side by side. */
import { createApp } from 'vue'

import 'maplibre-gl/dist/maplibre-gl.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/map.css'
import './styles/print.css'
import App from './App.vue'
import { createClient } from './api'
import { streamFrom } from './live/stream'
import { keepAddress } from './state/address'
import { browserStorage, createSettings, systemDark } from './state/settings'
import { parseHash } from './state/url'
import { WALL, createWall } from './state/wall'

const link = parseHash(window.location.hash)
const settings = createSettings({
  link,
  storage: browserStorage(),
  browserLang: navigator.language,
  systemDark: systemDark(window.matchMedia('(prefers-color-scheme: dark)')),
})
const base = new URL(document.baseURI)
const wall = createWall(createClient(base), settings, link, streamFrom(new URL('events', base)))

keepAddress(wall)
void wall.load()
wall.live.start()
createApp(App).provide(WALL, wall).mount('#app')
