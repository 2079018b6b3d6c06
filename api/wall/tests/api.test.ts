import { describe, expect, it } from 'vitest'

import { ApiError, createClient } from '../src/api'
import { ShapeError, decodeCatalogue, decodeRisk } from '../src/decode'
import { createResource } from '../src/state/resource'
import layersJson from './fixtures/layers.json'
import riskJson from './fixtures/risk.json'

const BASE = new URL('http://wall.test/sub/')

function json(body: unknown, status = 200, type = 'application/json'): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type, 'X-Request-ID': 'r-1' } })
}

function answering(make: () => Response | Promise<Response>) {
  const asked: URL[] = []
  const client = createClient(BASE, (input) => {
    asked.push(new URL(input instanceof Request ? input.url : input))
    return Promise.resolve().then(make)
  })
  return { asked, client }
}

async function failure(make: () => Response | Promise<Response>): Promise<ApiError> {
  const reason: unknown = await answering(make).client.catalogue('zh').catch((error: unknown) => error)
  if (!(reason instanceof ApiError)) throw new Error(`no ApiError: ${String(reason)}`)
  return reason
}

describe('the client', () => {
  it('asks below the page’s own address, with rings, language and six decimals', async () => {
    const { asked, client } = answering(() => json(riskJson))
    await client.risk({ place: { kind: 'point' }, lon: 115.318, lat: 25.957, ringsM: [1000, 3000, 5000], event: null }, 'en')
    expect(asked[0]?.href).toBe('http://wall.test/sub/risk?lon=115.318&lat=25.957&radius_m=1000%2C3000%2C5000&lang=en')
  })
  it('tells a problem in the service’s own words, with code and request', async () => {
    const error = await failure(() => json({ detail: '纬度 95 超出 ±90', code: 'coordinate' }, 422, 'application/problem+json'))
    expect(error).toMatchObject({ kind: 'problem', status: 422, code: 'coordinate', detail: '纬度 95 超出 ±90', requestId: 'r-1' })
  })
  it('tells a page of a proxy by its status', async () => {
    expect(await failure(() => new Response('<h1>Bad Gateway</h1>', { status: 502 }))).toMatchObject({ kind: 'status', status: 502 })
    expect(await failure(() => json(['x'], 500))).toMatchObject({ kind: 'status', status: 500 })
  })
  it('tells that the service was not reached', async () => {
    expect((await failure(() => Promise.reject(new TypeError('Failed to fetch')))).kind).toBe('offline')
  })
  it('tells that it took too long', async () => {
    expect((await failure(() => Promise.reject(new DOMException('', 'TimeoutError')))).kind).toBe('timeout')
  })
  it('tells that an answer was not understood, and where', async () => {
    const error = await failure(() => json({ layers: [{ name: 'x' }] }))
    expect(error).toMatchObject({ kind: 'shape', message: 'layers[0].family: expected text' })
    expect((await failure(() => new Response('{', { headers: { 'Content-Type': 'application/json' } }))).kind).toBe('shape')
  })
})

describe('an answer', () => {
  it('has its features nearest first, and markup in a name is text', () => {
    const answer = decodeRisk(riskJson)
    expect(answer.features.map((feature) => feature.id)).toEqual(['hazard_points/demo/G-1', 'shelters/demo/S-2'])
    expect(answer.features[0]?.name).toBe('<b>下坝组滑坡</b>')
    expect(answer.features[0]?.basis).toEqual({ zh: '威胁 612 人,险情等级为大型', en: 'threatens 612 people: large' })
    expect(answer.radiusM).toBe(5000)
  })
  it('without a grade is 未分级; with an unknown one it is refused', () => {
    expect(decodeRisk(riskJson).features[1]?.grade).toBe('none')
    expect(() => decodeRisk({ ...riskJson, counts: [{ layer: 'x', grade: 'purple', count: 1 }] })).toThrow(ShapeError)
  })
  it('may lack what is not built yet', () => {
    const answer = decodeRisk({ query: riskJson.query, features: [] })
    expect(answer).toMatchObject({ divisions: [], counts: [], nearest: [], rings: [], truncated: false, oldestDataDate: null })
  })
  it('counts a missing grade as none of it, and keeps an unknown extent unknown', () => {
    const [layer] = decodeCatalogue({ layers: [{ ...layersJson.layers[0], counts: { red: 2 }, extent: null }] }).layers
    expect(layer?.counts).toEqual({ red: 2, orange: 0, yellow: 0, blue: 0, none: 0 })
    expect(layer?.extent).toBeNull()
  })
})

describe('something that is fetched', () => {
  it('keeps the old value while a new one is loading and when it fails', async () => {
    const resource = createResource<string>()
    await resource.load(() => Promise.resolve('old'))
    const failing = resource.load(() => Promise.reject(new ApiError('offline', 'x')))
    expect(resource.state).toMatchObject({ status: 'loading', value: 'old' })
    await failing
    expect(resource.state).toMatchObject({ status: 'failed', value: 'old', error: { kind: 'offline' } })
  })
  it('takes the last request, however late an earlier one comes', async () => {
    const resource = createResource<string>()
    let late: (value: string) => void = () => undefined
    const first = resource.load(() => new Promise((resolve) => { late = resolve }))
    await resource.load(() => Promise.resolve('second'))
    late('first')
    expect(await first).toBeNull()
    expect(resource.state.value).toBe('second')
  })
  it('ends a request that was overtaken or closed', async () => {
    const resource = createResource<string>()
    const signals: AbortSignal[] = []
    const never = (signal: AbortSignal): Promise<string> => {
      signals.push(signal)
      return new Promise((_, reject) => { signal.addEventListener('abort', () => { reject(new DOMException('', 'AbortError')) }) })
    }
    const first = resource.load(never)
    const second = resource.load(never)
    resource.clear()
    await Promise.all([first, second])
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true])
    expect(resource.state).toMatchObject({ status: 'idle', value: null, error: null })
  })
})
