/** One connection to `/events`: opened, read, and watched for silence. */
import { errorOf, toApiError } from '../api'
import { createParser } from './sse'
import type { Message } from './sse'

export interface StreamOptions {
  /** The id of the last event seen: the service resumes after it. */
  readonly after: string | null
  readonly signal: AbortSignal
  /** Silence for so long means that the connection is dead, whatever the browser thinks. */
  readonly silenceMs: number
  readonly onMessage: (message: Message) => void
}

/** Opens a stream and reads it; resolves when the service ended it, rejects with an ApiError when it broke. */
export type OpenStream = (options: StreamOptions) => Promise<void>

async function read(response: Response, onMessage: (message: Message) => void): Promise<void> {
  const reader = response.body?.getReader()
  if (!reader) return
  const decoder = new TextDecoder()
  const feed = createParser(onMessage)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    feed(decoder.decode(value, { stream: true }))
  }
}

/** Streams from `url`. */
export function streamFrom(url: URL, fetcher: typeof fetch = (input, init) => fetch(input, init)): OpenStream {
  return async ({ after, signal, silenceMs, onMessage }) => {
    const silence = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const heard = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        silence.abort(new DOMException('no heartbeat', 'TimeoutError'))
      }, silenceMs)
    }
    heard()
    try {
      const response = await fetcher(url, {
        headers: { Accept: 'text/event-stream', ...(after === null ? {} : { 'Last-Event-ID': after }) },
        cache: 'no-store',
        signal: AbortSignal.any([signal, silence.signal]),
      })
      if (!response.ok) throw await errorOf(response)
      await read(response, (message) => {
        heard()
        onMessage(message)
      })
    } catch (reason) {
      throw toApiError(reason)
    } finally {
      clearTimeout(timer)
    }
  }
}
