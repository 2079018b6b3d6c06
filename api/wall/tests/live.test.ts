import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { ApiError } from '../src/api'
import { POLL_MS, RECOVERED_MS, RETRY_MS, createLive, readMessage } from '../src/live/live'
import type { Revisions } from '../src/live/live'
import { createParser } from '../src/live/sse'
import type { Message } from '../src/live/sse'
import { streamFrom } from '../src/live/stream'
import type { StreamOptions } from '../src/live/stream'

function parsed(...chunks: string[]): Message[] {
  const found: Message[] = []
  const feed = createParser((message) => found.push(message))
  chunks.forEach(feed)
  return found
}

describe('the grammar of server-sent events', () => {
  const whole = ': hello\r\nid: a-1\r\nevent: layer\r\ndata: {"layer":"x",\r\ndata: "revision":1}\r\n\r\nevent: beat\r\ndata: now\r\n\r\n'
  const messages = [
    { id: 'a-1', event: 'layer', data: '{"layer":"x",\n"revision":1}' },
    { id: null, event: 'beat', data: 'now' },
  ]
  it('is read whole', () => {
    expect(parsed(whole)).toEqual(messages)
  })
  it('is read the same in pieces of any size', () => {
    for (let size = 1; size < 9; size += 1) {
      expect(parsed(...(whole.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []))).toEqual(messages)
    }
  })
  it.each(['\n', '\r', '\r\n'])('takes every line end: %j', (end) => {
    expect(parsed(`data:x${end}${end}data: y${end}${end}:`).map((message) => message.data)).toEqual(['x', 'y'])
  })
  it('keeps back what is not finished, and what has no data', () => {
    expect(parsed('event: beat\n\ndata: half')).toEqual([])
  })
})

describe('a message', () => {
  const message = (event: string, data: string): Message => ({ id: null, event, data })
  it('tells revisions', () => {
    expect(readMessage(message('layer', '{"layer":"shelters","revision":3}'))?.revisions).toEqual(new Map([['shelters', 3]]))
    expect(readMessage(message('state', '{"database":true,"revisions":{"a":1,"b":"x"}}'))).toEqual({ revisions: new Map([['a', 1]]), database: true })
  })
  it.each([['beat', 'now'], ['layer', '{}'], ['layer', 'null'], ['layer', '{"layer":1,"revision":1}'], ['state', '[]'], ['x', '{}']])('of another kind tells nothing: %s %s', (event, data) => {
    expect(readMessage(message(event, data))).toBeNull()
  })
})

interface Bench {
  readonly live: ReturnType<typeof createLive>
  readonly changes: string[][]
  readonly opened: StreamOptions[]
  readonly end: (reason: ApiError) => void
  readonly say: (event: string, data: unknown, id?: string) => void
  poll: () => Promise<Revisions>
  recoveries: number
}

function bench(): Bench {
  const opened: StreamOptions[] = []
  let finish: ((reason: ApiError) => void) | null = null
  const made = {
    changes: [] as string[][],
    opened,
    recoveries: 0,
    poll: (): Promise<Revisions> => Promise.reject(new ApiError('offline', 'refused')),
    end: (reason: ApiError) => finish?.(reason),
    say: (event: string, data: unknown, id: string | null = null) =>
      opened.at(-1)?.onMessage({ id, event, data: JSON.stringify(data) }),
  }
  const live = createLive({
    open: (options) => new Promise((_, reject) => { opened.push(options); finish = reject }),
    poll: () => made.poll(),
    onChange: (layers) => made.changes.push([...layers]),
    onRecovered: () => { made.recoveries += 1 },
    now: Date.now,
  })
  return Object.assign(made, { live })
}

describe('the live picture', () => {
  const offline = new ApiError('offline', 'refused')
  beforeEach(() => { vi.useFakeTimers({ now: 1_000_000 }) })
  afterEach(() => { vi.useRealTimers() })
  const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

  it('is live once the state has come, and asks for what changes afterwards', () => {
    const { live, say, changes } = bench()
    live.start()
    say('beat', 'now')
    expect(live.link.value).toBe('connecting')
    say('state', { database: true, revisions: { a: 1, b: 4 } }, 'r-0')
    expect(live.link.value).toBe('live')
    expect(changes).toEqual([])
    say('layer', { layer: 'b', revision: 5 }, 'r-1')
    say('layer', { layer: 'b', revision: 5 }, 'r-1')
    expect(changes).toEqual([['b']])
    live.stop()
  })
  it('says when the database is gone though the service is there, and keeps the time at which the picture stood', async () => {
    const { live, say } = bench()
    live.start()
    say('state', { database: true, revisions: {} })
    await wait(3000)
    say('beat', '')
    say('state', { database: false, revisions: {} })
    await wait(9000)
    say('beat', '')
    expect([live.link.value, live.cause.value, live.heardAt.value]).toEqual(['lost', 'database', 1_003_000])
    live.stop()
  })
  it('does not cry at the first hiccup, and resumes after the last event', async () => {
    const { live, say, end, opened } = bench()
    live.start()
    say('state', { database: true, revisions: { a: 1 } }, 'r-7')
    end(offline)
    await wait(260)
    expect(live.link.value).toBe('live')
    expect(opened.at(-1)?.after).toBe('r-7')
    live.stop()
  })
  it('is lost when nobody answers, and recovers with the number of changes missed', async () => {
    const made = bench()
    const { live, say, end, changes } = made
    live.start()
    say('state', { database: true, revisions: { a: 1, b: 1 } })
    end(offline)
    await wait(300)
    end(offline)
    await wait(100)
    expect([live.link.value, live.cause.value, live.heardAt.value]).toEqual(['lost', 'service', 1_000_000])
    await wait(RETRY_MS)
    say('beat', '')
    say('state', { database: true, revisions: { a: 4, b: 1 } })
    expect([live.link.value, live.recovered.value, made.recoveries]).toEqual(['live', 3, 1])
    expect(changes).toEqual([['a']])
    await wait(RECOVERED_MS)
    expect(live.recovered.value).toBeNull()
    live.stop()
  })
  it('asks again and again where no stream can be had', async () => {
    const made = bench()
    const revisions = new Map([['a', 1]])
    made.poll = () => Promise.resolve(new Map(revisions))
    made.live.start()
    const broken = new ApiError('status', 'HTTP 404', { status: 404 })
    for (let time = 0; time < 8; time += 1) {
      made.end(broken)
      await wait(time < 6 ? RETRY_MS : POLL_MS)
    }
    expect(made.live.link.value).toBe('polling')
    revisions.set('a', 2)
    made.end(broken)
    await wait(POLL_MS)
    expect(made.changes).toEqual([['a']])
    made.live.stop()
  })
  it('tells a database behind a polled service from a service that is gone', async () => {
    const made = bench()
    made.poll = () => Promise.reject(new ApiError('problem', '', { status: 503, code: 'database-unreachable' }))
    made.live.start()
    for (let time = 0; time < 3; time += 1) {
      made.end(offline)
      await wait(RETRY_MS)
    }
    expect(made.live.cause.value).toBe('database')
    made.live.stop()
  })
})

describe('a stream', () => {
  const body = (text: string): Response => new Response(text, { headers: { 'Content-Type': 'text/event-stream' } })
  const options = (messages: Message[]): StreamOptions =>
    ({ after: 'r-3', signal: new AbortController().signal, silenceMs: 50, onMessage: (message) => messages.push(message) })

  it('asks for what came after the last id, and hands on what comes', async () => {
    let asked: Headers | undefined
    const messages: Message[] = []
    await streamFrom(new URL('http://wall/events'), (_, init) => {
      asked = new Headers(init?.headers)
      return Promise.resolve(body('event: beat\ndata: 1\n\n'))
    })(options(messages))
    expect(asked?.get('Last-Event-ID')).toBe('r-3')
    expect(messages).toEqual([{ id: null, event: 'beat', data: '1' }])
  })
  it('that falls silent is given up', async () => {
    const hanging: typeof fetch = (_, init) => new Promise((__, reject) => {
      init?.signal?.addEventListener('abort', () => { reject(init.signal?.reason as DOMException) })
    })
    await expect(streamFrom(new URL('http://wall/events'), hanging)(options([]))).rejects.toMatchObject({ kind: 'timeout' })
  })
  it('that is refused is an error in words', async () => {
    const refused = new Response('{"detail":"zu","code":"busy"}', { status: 503, headers: { 'Content-Type': 'application/problem+json' } })
    await expect(streamFrom(new URL('http://wall/events'), () => Promise.resolve(refused))(options([]))).rejects.toMatchObject({ code: 'busy' })
  })
})
