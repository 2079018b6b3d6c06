/** What the first map cannot be drawn without is asked for while the wall's own script is still on its way. */
import type { Lang, Theme } from './model'

interface Early {
  readonly answer: Promise<Response>
  readonly ended: AbortController
}

/** A `fetch` that hands out once, to whoever asks for the same address, what was asked for early. */
export function fetchEarly(addresses: readonly URL[], headers: Readonly<Record<string, string>>, fetcher: typeof fetch): typeof fetch {
  const waiting = new Map<string, Early>()
  for (const { href } of addresses) {
    const ended = new AbortController()
    const answer = fetcher(href, { headers, signal: ended.signal })
    // Whoever asks for it is told; perhaps nobody asks.
    answer.catch(() => undefined)
    waiting.set(href, { answer, ended })
  }
  return (input, init) => {
    const { href } = new URL(input instanceof Request ? input.url : input)
    const early = init?.body === undefined ? waiting.get(href) : undefined
    waiting.delete(href)
    if (!early) return fetcher(input, init)
    const signal = init?.signal
    signal?.addEventListener('abort', () => { early.ended.abort(signal.reason) })
    return early.answer
  }
}

/** The catalogue, which says where the map opens, and its style: addresses and headers exactly as the wall's client has them. */
export function firstAddresses(base: URL, lang: Lang, theme: Theme): readonly URL[] {
  return [new URL(`layers?lang=${lang}`, base), new URL(`style.json?theme=${theme}&lang=${lang}`, base)]
}

/** The headers of all that the wall reads. */
export function readingHeaders(lang: Lang): Readonly<Record<string, string>> {
  return { Accept: 'application/json', 'Accept-Language': lang }
}
