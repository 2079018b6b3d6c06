import { describe, expect, it } from 'vitest'

import { createClient } from '../src/api'
import { fetchEarly, firstAddresses, readingHeaders } from '../src/early'
import { chosenLook, langOf } from '../src/state/look'

const BASE = new URL('http://wall.test/map/')

/** A service that notes what it is asked. */
function service(answer: () => Promise<Response>) {
  const asked: { readonly url: string; readonly headers: Headers }[] = []
  const fetcher: typeof fetch = (input, init) => {
    asked.push({ url: input instanceof Request ? input.url : String(input), headers: new Headers(init?.headers) })
    return answer()
  }
  return { asked, fetcher }
}

const style = { version: 8, sources: {}, layers: [] }
const ok = (): Promise<Response> => Promise.resolve(new Response(JSON.stringify(style), { headers: { 'Content-Type': 'application/json' } }))

describe('what the first map needs is asked for early', () => {
  it('asks exactly what the client will ask, and once', async () => {
    const { asked, fetcher } = service(ok)
    const early = fetchEarly(firstAddresses(BASE, 'zh', 'dark'), readingHeaders('zh'), fetcher)
    expect(asked.map(({ url }) => url)).toEqual(['http://wall.test/map/layers?lang=zh', 'http://wall.test/map/style.json?theme=dark&lang=zh'])

    const client = createClient(BASE, early)
    expect(await client.style('zh', 'dark')).toEqual(style)
    expect(asked).toHaveLength(2)

    await client.style('zh', 'dark')
    expect(asked).toHaveLength(3)
    expect(asked[2]?.url).toBe(asked[1]?.url)
    expect([...(asked[2]?.headers ?? [])]).toEqual([...(asked[1]?.headers ?? [])])
  })

  it('asks anew for another theme than the one that was expected', async () => {
    const { asked, fetcher } = service(ok)
    const client = createClient(BASE, fetchEarly(firstAddresses(BASE, 'zh', 'dark'), readingHeaders('zh'), fetcher))
    await client.style('zh', 'light')
    expect(asked.at(-1)?.url).toContain('theme=light')
  })

  it('tells of a service that is not there only to who asks', async () => {
    const { fetcher } = service(() => Promise.reject(new TypeError('refused')))
    const client = createClient(BASE, fetchEarly(firstAddresses(BASE, 'zh', 'dark'), readingHeaders('zh'), fetcher))
    await expect(client.style('zh', 'dark')).rejects.toMatchObject({ kind: 'offline' })
  })
})

it('ends an early question when whoever took it over gives up', async () => {
  const never: typeof fetch = (_input, init) => new Promise((_answer, reject) => {
    init?.signal?.addEventListener('abort', () => { reject(init.signal?.reason as Error) })
  })
  const client = createClient(BASE, fetchEarly(firstAddresses(BASE, 'zh', 'dark'), readingHeaders('zh'), never))
  const impatient = new AbortController()
  const asked = client.style('zh', 'dark', impatient.signal)
  impatient.abort(new DOMException('too long', 'TimeoutError'))
  await expect(asked).rejects.toMatchObject({ kind: 'timeout' })
})

describe('language and theme before anything is there', () => {
  const storage = (values: Readonly<Record<string, string>>) => ({ getItem: (key: string) => values[key] ?? null, setItem: () => undefined })

  it('takes the link before what was chosen here', () => {
    const kept = storage({ 'onemap.lang': 'en', 'onemap.theme': 'dark' })
    expect(chosenLook({ lang: 'zh' }, kept)).toEqual({ lang: 'zh', theme: 'dark' })
  })

  it('leaves to browser and system what nobody chose, or chose wrongly', () => {
    expect(chosenLook({}, storage({ 'onemap.lang': 'fr' }))).toEqual({ lang: null, theme: null })
    expect(chosenLook({}, null)).toEqual({ lang: null, theme: null })
    expect(langOf('zh-TW')).toBe('zh')
    expect(langOf('')).toBe('zh')
    expect(langOf('de')).toBe('en')
  })
})
