/** Server-sent events read from a byte stream: the grammar of the HTML standard, without EventSource, which hides heartbeats and cannot resume. */

export interface Message {
  /** Null where the server gave none: such a message resumes nothing. */
  readonly id: string | null
  readonly event: string
  readonly data: string
}

interface Draft {
  id: string | null
  event: string
  data: string[]
}

function take(draft: Draft, line: string): void {
  const colon = line.indexOf(':')
  if (colon === 0) return
  const name = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (name === 'data') draft.data.push(value)
  else if (name === 'event') draft.event = value
  else if (name === 'id' && !value.includes('\0')) draft.id = value
}

/** Feed it text as it comes, in pieces of any size; `emit` gets each whole message. */
export function createParser(emit: (message: Message) => void): (chunk: string) => void {
  let rest = ''
  let draft: Draft = { id: null, event: '', data: [] }
  const line = (text: string): void => {
    if (text !== '') {
      take(draft, text)
      return
    }
    if (draft.data.length > 0) emit({ id: draft.id, event: draft.event || 'message', data: draft.data.join('\n') })
    draft = { id: null, event: '', data: [] }
  }
  return (chunk) => {
    const text = rest + chunk
    // A CR at the very end may be the first half of CRLF: it waits for what follows.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text
    const lines = whole.split(/\r\n|\r|\n/)
    rest = (lines.pop() ?? '') + text.slice(whole.length)
    lines.forEach(line)
  }
}
