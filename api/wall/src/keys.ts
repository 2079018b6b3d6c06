/** The wall's keys: what each means, in one table, for the handler and the help sheet alike. */
import { GRADES } from './model'
import type { Grade } from './model'

export type Verb =
  | { readonly do: 'tour' | 'full' | 'theme' | 'previous' | 'next' | 'help' | 'again' | 'list' }
  | { readonly do: 'grade'; readonly grade: Grade; readonly only: boolean }

interface Pressed {
  readonly key: string
  readonly code: string
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
}

const VERBS: Readonly<Record<string, Verb>> = {
  t: { do: 'tour' },
  f: { do: 'full' },
  m: { do: 'theme' },
  '[': { do: 'previous' },
  ']': { do: 'next' },
  '?': { do: 'help' },
  '？': { do: 'help' },
  r: { do: 'again' },
  v: { do: 'list' },
}

/** What a key means; null for one that is none of ours. Digits go by their place, for Alt changes what they write. */
export function verbOf({ key, code, altKey, ctrlKey, metaKey }: Pressed): Verb | null {
  if (ctrlKey || metaKey) return null
  const digit = /^(?:Digit|Numpad)([1-5])$/.exec(code)?.[1]
  const grade = digit === undefined ? undefined : GRADES[Number(digit) - 1]
  if (grade) return { do: 'grade', grade, only: altKey }
  return altKey ? null : (VERBS[key.toLowerCase()] ?? null)
}

/** Whether somebody is writing: then letters are letters. */
export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input:not([type=radio], [type=checkbox], [type=range]), select, textarea, dialog[open]') !== null
}

/** Keys and the names of what they do, in the order of the help sheet. */
export const HELP = [
  ['/', 'key_search'], ['1 – 5', 'key_grades'], ['Alt + 1 – 5', 'key_only'], ['Enter', 'key_centre'], ['R', 'key_again'], ['V', 'key_list'],
  ['P L G C S', 'key_draw'], ['D', 'key_measure'], ['[ ]', 'key_views'], ['T', 'key_tour'], ['F', 'key_full'], ['M', 'key_theme'],
  ['Esc', 'key_leave'], ['?', 'key_help'],
] as const
