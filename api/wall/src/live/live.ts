/** Whether the picture is live: the stream of events, polling where there is none, and what is lost when both are gone. */
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

import { ApiError } from '../api'
import type { Message } from './sse'
import type { OpenStream } from './stream'

/** `live` by events, `polling` by asking again and again, `lost` when nobody answers; `cause` then says who does not. */
export type Link = 'connecting' | 'live' | 'polling' | 'lost'
export type LostCause = 'service' | 'database'
export type Revisions = ReadonlyMap<string, number>

export interface Live {
  readonly link: Readonly<Ref<Link>>
  readonly cause: Readonly<Ref<LostCause | null>>
  /** When the picture was last known to be true, ms since 1970. */
  readonly heardAt: Readonly<Ref<number>>
  readonly isLost: ComputedRef<boolean>
  /** After a loss, for a moment: how many changes were caught up with. */
  readonly recovered: Readonly<Ref<number | null>>
  start(): void
  stop(): void
}

export interface LiveOptions {
  readonly open: OpenStream
  /** The revisions by the slow way. */
  readonly poll: (signal: AbortSignal) => Promise<Revisions>
  /** What the picture shows has changed in these layers. */
  readonly onChange: (layers: readonly string[]) => void
  /** The service answers again after a loss. */
  readonly onRecovered: () => void
  readonly now: () => number
}

export const RETRY_MS = 1000
/** So many times a stream is tried at once again before polling settles in. */
const SOON = 4
/** A restarted proxy is no outage: the first attempt to come back is silent. */
const FIRST_RETRY_MS = 250
export const SILENCE_MS = 12_500
export const POLL_MS = 5000
export const RECOVERED_MS = 4000

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** The revisions that a message tells, and whether the database is there where it says so; null for anything else. */
export function readMessage(message: Message): { readonly revisions: Revisions; readonly database: boolean | null } | null {
  let told: unknown
  try {
    told = JSON.parse(message.data)
  } catch {
    return null
  }
  if (!isRecord(told)) return null
  if (message.event === 'layer' && typeof told.layer === 'string' && typeof told.revision === 'number') {
    return { revisions: new Map([[told.layer, told.revision]]), database: null }
  }
  if (message.event === 'state' && isRecord(told.revisions)) {
    const pairs = Object.entries(told.revisions).filter((pair): pair is [string, number] => typeof pair[1] === 'number')
    return { revisions: new Map(pairs), database: told.database === true }
  }
  return null
}

/** Keeps what is known of each layer; tells which are newer, and by how many changes. */
export function createKnown(): { take(revisions: Revisions): { readonly changed: readonly string[]; readonly count: number } } {
  const known = new Map<string, number>()
  return {
    take(revisions) {
      const changed: string[] = []
      let count = 0
      for (const [layer, revision] of revisions) {
        const before = known.get(layer)
        known.set(layer, revision)
        // A lower one is another database behind the same address: what is shown is not it.
        if (before === undefined || before === revision) continue
        changed.push(layer)
        count += Math.max(revision - before, 1)
      }
      return { changed, count }
    },
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

/** What is told of the connection: lost since when and why, or there, and how much was missed. */
function createPresence({ onRecovered, now }: Pick<LiveOptions, 'onRecovered' | 'now'>) {
  const link = ref<Link>('connecting')
  const cause = ref<LostCause | null>(null)
  const heardAt = ref(now())
  const recovered = ref<number | null>(null)
  let forgetting: ReturnType<typeof setTimeout> | undefined
  return {
    link,
    cause,
    heardAt,
    recovered,
    lose: (why: LostCause): void => {
      link.value = 'lost'
      cause.value = why
      recovered.value = null
    },
    gain: (by: 'live' | 'polling', caughtUp: number): void => {
      const wasLost = link.value === 'lost'
      link.value = by
      cause.value = null
      heardAt.value = now()
      if (wasLost) {
        clearTimeout(forgetting)
        forgetting = setTimeout(() => { recovered.value = null }, RECOVERED_MS)
        recovered.value = caughtUp
        onRecovered()
      } else if (recovered.value !== null) recovered.value += caughtUp
    },
  }
}

/** The connection's life: try, read, lose, try again. Nothing starts before `start`. */
export function createLive(options: LiveOptions): Live {
  const { open, poll, onChange } = options
  const { lose, gain, ...told } = createPresence(options)
  const { link, cause } = told
  const known = createKnown()
  let running: AbortController | null = null
  let after: string | null = null

  const take = (revisions: Revisions): number => {
    const { changed, count } = known.take(revisions)
    if (changed.length > 0) onChange(changed)
    return count
  }
  const heard = (message: Message): void => {
    if (message.id !== null) after = message.id
    const said = readMessage(message)
    if (said?.database === false) {
      lose('database')
      return
    }
    // A heartbeat alone tells that the service is there, not that the database is.
    if (said === null && (link.value === 'connecting' || cause.value === 'database')) return
    gain('live', said ? take(said.revisions) : 0)
  }
  /** Where no stream can be had but the service answers, the picture is asked for again and again. */
  const askInstead = async (signal: AbortSignal): Promise<void> => {
    try {
      gain('polling', take(await poll(signal)))
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
      lose(reason.code === 'database-unreachable' ? 'database' : 'service')
    }
  }
  const run = async (signal: AbortSignal): Promise<void> => {
    let failures = 0
    const onMessage = (message: Message): void => {
      failures = 0
      heard(message)
    }
    for (;;) {
      await open({ after, signal, silenceMs: SILENCE_MS, onMessage }).catch((reason: unknown) => {
        if (!signal.aborted && !(reason instanceof ApiError)) throw reason
      })
      if (signal.aborted) return
      failures += 1
      if (failures > 1) await askInstead(signal)
      const isPatient = link.value === 'polling' && failures > SOON
      await pause(failures === 1 ? FIRST_RETRY_MS : isPatient ? POLL_MS : RETRY_MS)
    }
  }
  return {
    ...told,
    isLost: computed(() => link.value === 'lost'),
    start: () => {
      running ??= new AbortController()
      void run(running.signal)
    },
    stop: () => {
      running?.abort()
      running = null
    },
  }
}
