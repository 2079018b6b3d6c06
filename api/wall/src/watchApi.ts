/** The addresses of what the wall watches, and of what it orders. */
import type { Service } from './api'
import { fields, isFields, list, text } from './checks'
import type { Bounds, Lang } from './model'
import { decodeChanges, decodeFigures, decodeOutlines, decodeOverdue, decodeScenes, decodeViews, decodeWorst } from './watchDecode'
import type { Changes, Figures, FiguresQuery, Outline, Overdue, SavedView, Scenes, Worst, WorstQuery } from './watchModel'

/** So many overdue inspections are fetched: more are said to be more. */
export const MOST_OVERDUE = 1000
const LINES = 100

/** An exhibit on order. */
export interface Order {
  readonly id: string
  readonly state: 'running' | 'done' | 'failed'
  /** Why it failed, in the service's words. */
  readonly detail: string | null
}

export interface Named {
  readonly name: string
  readonly title: string
}

/** What can be ordered. */
export interface Exhibits {
  readonly kinds: readonly Named[]
  readonly formats: readonly Named[]
}

export interface WatchClient {
  figures(query: FiguresQuery, lang: Lang, signal?: AbortSignal): Promise<Figures>
  changes(lang: Lang, signal?: AbortSignal): Promise<Changes>
  overdue(lang: Lang, signal?: AbortSignal): Promise<readonly Overdue[]>
  scenes(lang: Lang, signal?: AbortSignal): Promise<Scenes>
  outlines(lang: Lang, signal?: AbortSignal): Promise<readonly Outline[]>
  views(lang: Lang, signal?: AbortSignal): Promise<readonly SavedView[]>
  saveView(view: SavedView, lang: Lang): Promise<void>
  forgetView(name: string, lang: Lang): Promise<void>
  /** The worst risks that touch a box. */
  worst(query: WorstQuery, lang: Lang, signal?: AbortSignal): Promise<Worst>
  /** Which exhibits can be had, and in which formats. */
  exhibits(lang: Lang, signal?: AbortSignal): Promise<Exhibits>
  order(request: object, format: string, lang: Lang): Promise<Order>
  orderState(id: string, lang: Lang): Promise<Order>
  /** Where the finished exhibit is. */
  orderFile(id: string): string
}

function decodeOrder(value: unknown): Order {
  const row = isFields(value) ? value : {}
  const error = isFields(row.error) ? row.error : {}
  const state = row.state === 'done' || row.state === 'failed' ? row.state : 'running'
  return { id: String(row.id), state, detail: typeof error.detail === 'string' ? error.detail : null }
}

function named(value: unknown, path: string): readonly Named[] {
  return list(value, path).map((item, at) => {
    const row = fields(item, `${path}[${at}]`)
    return { name: text(row.name, `${path}[${at}].name`), title: text(row.title, `${path}[${at}].title`) }
  })
}

/** `GET /exhibits`. */
export function decodeExhibits(value: unknown): Exhibits {
  const row = fields(value, 'exhibits')
  return { kinds: named(row.kinds, 'kinds'), formats: named(row.formats, 'formats') }
}

const nothing = (): void => undefined

/** A box as addresses write it: five decimals of a degree are a metre. */
function sides(box: Bounds): string {
  return box.map((side) => side.toFixed(5)).join(',')
}

/** The part of the client that watches and orders. */
export function createWatchClient({ address, ask }: Service): WatchClient {
  const view = (name: string): URL => address(`views/${encodeURIComponent(name)}`)
  return {
    figures: ({ layers, counted, frame }, lang, signal) => {
      const box = frame ? { bbox: sides(frame) } : {}
      const asked = { by: 'all', layers: layers.join(','), counted: counted.join(','), ...box, lang }
      return ask(address('statistics', asked), lang, decodeFigures, { signal })
    },
    changes: (lang, signal) => ask(address('changes', { limit: LINES, lang }), lang, decodeChanges, { signal }),
    overdue: (lang, signal) => ask(address('audits/inspections', { limit: MOST_OVERDUE, lang }), lang, decodeOverdue, { signal }),
    scenes: (lang, signal) => ask(address('scenes', { lang }), lang, decodeScenes, { signal }),
    outlines: (lang, signal) => ask(address('statistics/outlines', { lang }), lang, decodeOutlines, { signal }),
    views: (lang, signal) => ask(address('views', { lang }), lang, decodeViews, { signal }),
    saveView: ({ name, duty, link }, lang) => ask(view(name), lang, nothing, { method: 'PUT', body: { duty, link } }),
    forgetView: (name, lang) => ask(view(name), lang, nothing, { method: 'DELETE' }),
    worst: ({ layers, grades, box, limit }, lang, signal) =>
      ask(address('features', { layers: layers.join(','), grades: grades.join(','), bbox: sides(box), limit, lang }), lang, decodeWorst, { signal }),
    exhibits: (lang, signal) => ask(address('exhibits', { lang }), lang, decodeExhibits, { signal }),
    order: (request, format, lang) => ask(address('exhibits', { format, lang }), lang, decodeOrder, { body: request }),
    orderState: (id, lang) => ask(address(`exhibits/${id}`), lang, decodeOrder),
    orderFile: (id) => address(`exhibits/${id}/file`).href,
  }
}
