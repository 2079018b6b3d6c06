/** The addresses of `/imports`: a file is sent, looked after, confirmed, cancelled. */
import { errorOf, toApiError } from '../api'
import type { Lang } from '../model'

export interface Said { readonly zh: string; readonly en: string }

export interface Run {
  readonly id: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly dry_run: boolean
  readonly confirmable: boolean
  readonly progress: { readonly fraction: number; readonly rows: number } | null
  readonly counts: Readonly<Record<'read' | 'inserted' | 'updated' | 'unchanged' | 'rejected' | 'flagged' | 'retired', number>> | null
  readonly error: Said | null
}

export interface Report {
  readonly columns: readonly { header: string; role: string; field: string | null; unit: string | null; title: Said | null }[]
  readonly findings: readonly { code: string; effect: 'rejected' | 'flagged' | 'noted'; what: Said; todo: Said; column: string | null; count: number; rows: readonly number[] }[]
  readonly warnings: readonly Said[]
  readonly rows: readonly { row: number; outcome: 'rejected' | 'flagged'; geometry: GeoJSON.Point | null; candidates: readonly { lon: number; lat: number }[] | null }[]
}

async function ask<T>(url: URL, lang: Lang, init: RequestInit = {}): Promise<T> {
  try {
    const response = await fetch(url, { ...init, headers: { Accept: 'application/json', 'Accept-Language': lang } })
    if (!response.ok) throw await errorOf(response)
    return (await response.json()) as T
  } catch (reason) {
    throw toApiError(reason)
  }
}

export const createImports = (base: URL) => ({
  send: (form: FormData, lang: Lang) => ask<Run>(new URL('imports', base), lang, { method: 'POST', body: form }),
  look: (id: string, lang: Lang) => ask<Run>(new URL(`imports/${id}`, base), lang),
  cancel: (id: string, lang: Lang) => ask<Run>(new URL(`imports/${id}`, base), lang, { method: 'DELETE' }),
  report: (id: string, lang: Lang) => ask<Report>(new URL(`imports/${id}/report.json?limit=5000`, base), lang),
  workbook: (id: string, lang: Lang) => new URL(`imports/${id}/report.xlsx?lang=${lang}`, base).href,
})
