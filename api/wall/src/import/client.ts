/** The addresses of `/imports`: a file is sent, looked after, confirmed, cancelled; what can be imported; profiles. */
import { errorOf, toApiError } from '../api'
import type { Lang } from '../model'

export interface Said { readonly zh: string; readonly en: string }

export interface Run {
  readonly id: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly layer: string
  readonly dry_run: boolean
  readonly confirmable: boolean
  readonly attempts: number
  readonly mends: string | null
  readonly profile: string | null
  readonly progress: { readonly fraction: number; readonly rows: number; readonly stage: string } | null
  readonly counts: Readonly<Record<'read' | 'inserted' | 'updated' | 'unchanged' | 'rejected' | 'flagged' | 'retired', number>> | null
  readonly error: (Said & { readonly code: string; readonly field: string | null }) | null
}

export interface ReportColumn {
  readonly header: string; readonly role: string; readonly field: string | null
  readonly unit: string | null; readonly title: Said | null
}

export interface Finding {
  readonly code: string; readonly effect: 'rejected' | 'flagged' | 'noted'; readonly what: Said; readonly todo: Said
  readonly column: string | null; readonly field: string | null; readonly count: number
  readonly rows: readonly number[]; readonly samples: readonly string[]
}

export interface TroubledRow {
  readonly row: number; readonly outcome: 'rejected' | 'flagged'; readonly source_id: string | null
  readonly reasons: readonly { readonly code: string; readonly column: string | null }[]
  readonly geometry: GeoJSON.Point | null
  readonly candidates: readonly { readonly lon: number; readonly lat: number }[] | null
}

export interface Change {
  readonly kind: string; readonly source_id: string; readonly name: string | null
  readonly columns: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>
}

export interface Report {
  readonly file: string; readonly source: string; readonly format: string; readonly encoding: string | null
  readonly sheet: string | null; readonly crs: string | null; readonly header_row: number | null; readonly profile: string | null
  readonly columns: readonly ReportColumn[]
  readonly findings: readonly Finding[]
  readonly warnings: readonly Said[]
  readonly changes: readonly Change[]
  readonly rows: readonly TroubledRow[]
  readonly rows_total: number
}

export interface Target {
  readonly name: string; readonly title: string; readonly places: readonly string[]
  readonly fields: readonly { readonly name: string; readonly title: string; readonly unit: string | null }[]
}

export interface Profile {
  readonly name: string; readonly layer: string; readonly source: string
  readonly crs: string | null; readonly datum: string | null; readonly notation: string | null
  readonly encoding: string | null; readonly sheet: string | null; readonly mapping: Readonly<Record<string, string>>
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
  targets: async (lang: Lang) => (await ask<{ targets: readonly Target[] }>(new URL(`imports/targets?lang=${lang}`, base), lang)).targets,
  profiles: async (lang: Lang) => (await ask<{ profiles: readonly Profile[] }>(new URL('imports/profiles', base), lang)).profiles,
})

export type Imports = ReturnType<typeof createImports>
