/** The first script of the page, and a small one: asks for what the first map needs, and meanwhile fetches the wall itself. */
import 'maplibre-gl/dist/maplibre-gl.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/map.css'
import './styles/tables.css'
import './styles/print.css'
import { fetchEarly, firstAddresses, readingHeaders } from './early'
import { browserStorage, chosenLook, langOf } from './state/look'
import { parseHash } from './state/url'

const base = new URL(document.baseURI)
const link = parseHash(window.location.hash)
const chosen = chosenLook(link, browserStorage())
const lang = chosen.lang ?? langOf(navigator.language)
const theme = chosen.theme ?? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
const fetcher = fetchEarly(firstAddresses(base, lang, theme), readingHeaders(lang), (input, init) => fetch(input, init))

void import('./start').then(({ startWall }) => {
  startWall(link, base, fetcher)
})
