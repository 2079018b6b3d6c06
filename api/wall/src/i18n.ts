/** Every word of the wall in both languages; `{name}` is filled in. */
import type { ApiError } from './api'
import type { Lang } from './model'
import { en } from './words/en'
import { zh } from './words/zh'
import type { MessageKey } from './words/zh'

export type { MessageKey } from './words/zh'

export const MESSAGES: Readonly<Record<Lang, Readonly<Record<MessageKey, string>>>> = { zh, en }

export type MessageValues = Readonly<Record<string, string | number>>

/** The sentence `key` in `lang`; a value that is not given stays visible as `{name}`. */
export function translate(lang: Lang, key: MessageKey, values: MessageValues = {}): string {
  return MESSAGES[lang][key].replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole))
}

/** What went wrong, in plain words: the service's own sentence where it has one. */
export function explain(lang: Lang, error: ApiError): string {
  switch (error.kind) {
    case 'problem':
      return error.detail ?? error.message
    case 'status':
      return translate(lang, 'error_status', { status: error.status ?? '?' })
    default:
      return translate(lang, `error_${error.kind}`)
  }
}
