/** The service's addresses as typed functions; every failure is an ApiError that can be told in plain words. */
import type { StyleSpecification } from 'maplibre-gl'

import { readingHeaders } from './early'
import { ShapeError, decodeCatalogue, decodeFeature, decodeFound, decodeLegend, decodePresets, decodeRisk, decodeThresholds, isFields } from './decode'
import type { Catalogue, FeatureFacts, Found, Lang, LegendEntry, NearestGroup, Preset, Question, RiskAnswer, Theme, Thresholds } from './model'
import { pictureParameters, riskBody, riskParameters } from './questions'
import { createWatchClient } from './watchApi'
import type { WatchClient } from './watchApi'

/** No answer of the wall may take longer: then it is said, and can be tried again. */
const TIMEOUT_MS = 20_000

/**
 * Why there is no answer: `offline` the service was not reached, `timeout` it took too long, `problem` it
 * said no in words (RFC 9457), `status` it said no without words, `shape` its answer was not understood.
 */
export type ApiErrorKind = 'offline' | 'timeout' | 'problem' | 'status' | 'shape'

interface ApiErrorFacts {
  readonly status?: number
  readonly code?: string
  readonly detail?: string
  readonly requestId?: string
}

export class ApiError extends Error {
  readonly status: number | null
  /** The stable code of the service's error table. */
  readonly code: string | null
  /** The service's own sentence, in the reader's language. */
  readonly detail: string | null
  readonly requestId: string | null

  constructor(readonly kind: ApiErrorKind, message: string, facts: ApiErrorFacts = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = facts.status ?? null
    this.code = facts.code ?? null
    this.detail = facts.detail ?? null
    this.requestId = facts.requestId ?? null
  }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The error that an unsuccessful response stands for. */
export async function errorOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('X-Request-ID') ?? undefined
  const facts = { status: response.status, ...(requestId ? { requestId } : {}) }
  const plain = new ApiError('status', `HTTP ${response.status}`, facts)
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) return plain
  const body: unknown = await response.json().catch(() => null)
  if (!isFields(body)) return plain
  const detail = stringOf(body.detail) ?? stringOf(body.title)
  const code = stringOf(body.code)
  if (!detail) return plain
  return new ApiError('problem', detail, { ...facts, detail, ...(code ? { code } : {}) })
}

/** What `fetch` or a decoder threw, as an ApiError. An abort by ourselves is thrown on as it is. */
export function toApiError(reason: unknown): ApiError {
  if (reason instanceof ApiError) return reason
  if (reason instanceof ShapeError) return new ApiError('shape', reason.message)
  if (reason instanceof SyntaxError) return new ApiError('shape', reason.message)
  if (reason instanceof DOMException && reason.name === 'TimeoutError') return new ApiError('timeout', reason.message)
  if (reason instanceof DOMException && reason.name === 'AbortError') throw reason
  if (reason instanceof TypeError) return new ApiError('offline', reason.message)
  throw reason
}

export interface Client extends WatchClient {
  catalogue(lang: Lang, signal?: AbortSignal): Promise<Catalogue>
  legend(lang: Lang, theme: Theme, signal?: AbortSignal): Promise<readonly LegendEntry[]>
  style(lang: Lang, theme: Theme, signal?: AbortSignal): Promise<StyleSpecification>
  risk(question: Question, lang: Lang, signal?: AbortSignal): Promise<RiskAnswer>
  /** A feature by `{layer}/{source}/{source_id}`. */
  feature(id: string, lang: Lang, signal?: AbortSignal): Promise<FeatureFacts>
  search(text: string, lang: Lang, signal?: AbortSignal): Promise<Found>
  presets(lang: Lang, signal?: AbortSignal): Promise<readonly Preset[]>
  thresholds(lang: Lang, signal?: AbortSignal): Promise<Thresholds>
  /** Where help is nearest to a place. */
  nearest(lon: number, lat: number, lang: Lang, signal?: AbortSignal): Promise<readonly NearestGroup[]>
  /** The address of a printed map of the question. */
  pictureUrl(question: Question, lang: Lang): string
}

type Parameters = Readonly<Record<string, string | number>>

/** How an address is asked; without a body by GET. */
export interface Asked {
  readonly signal?: AbortSignal | undefined
  readonly body?: unknown
  readonly method?: 'POST' | 'PUT' | 'DELETE'
}

/** The service at its address: an absolute address of a path, and its answer, decoded. */
export interface Service {
  readonly address: (path: string, parameters?: Parameters) => URL
  readonly ask: <T>(url: URL, lang: Lang, decode: (value: unknown) => T, asked?: Asked) => Promise<T>
}

function createService(base: URL, fetcher: typeof fetch): Service {
  return {
    address: (path, parameters = {}) => {
      const url = new URL(path, base)
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value))
      return url
    },
    ask: async (url, lang, decode, { signal, body, method = 'POST' } = {}) => {
      const timeout = AbortSignal.timeout(TIMEOUT_MS)
      const hasBody = body !== undefined
      try {
        const response = await fetcher(url, {
          headers: { ...readingHeaders(lang), ...(hasBody ? { 'Content-Type': 'application/json' } : {}) },
          ...(hasBody ? { method, body: JSON.stringify(body) } : method === 'DELETE' ? { method } : {}),
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        })
        if (!response.ok) throw await errorOf(response)
        return decode(response.status === 204 ? null : await response.json())
      } catch (reason) {
        throw toApiError(reason)
      }
    },
  }
}

/** A client of the service that lives at `base` (the page's own address, sub-paths included). */
export function createClient(base: URL, fetcher: typeof fetch = (input, init) => fetch(input, init)): Client {
  const service = createService(base, fetcher)
  const { address } = service
  const get = <T>(path: string, parameters: Parameters, lang: Lang, decode: (value: unknown) => T, signal?: AbortSignal): Promise<T> =>
    service.ask(address(path, { ...parameters, lang }), lang, decode, { signal })
  return {
    ...createWatchClient(service),
    catalogue: (lang, signal) => get('layers', {}, lang, decodeCatalogue, signal),
    legend: (lang, theme, signal) => get('legend.json', { theme }, lang, decodeLegend, signal),
    style: (lang, theme, signal) => get('style.json', { theme }, lang, decodeStyle, signal),
    feature: (id, lang, signal) => get(featurePath(id), {}, lang, decodeFeature, signal),
    search: (text, lang, signal) => get('search', { q: text }, lang, decodeFound, signal),
    presets: (lang, signal) => get('risk/presets', {}, lang, decodePresets, signal),
    thresholds: (lang, signal) => get('risk/rules', {}, lang, decodeThresholds, signal),
    nearest: (lon, lat, lang, signal) => get('risk', { lon, lat, radius_m: 1, nearest: 1, limit: 1, include: 'affected' }, lang, (value) => decodeRisk(value).nearest, signal),
    risk: (question, lang, signal) => {
      const body = riskBody(question)
      if (body === null) return get('risk', riskParameters(question), lang, decodeRisk, signal)
      return service.ask(address('risk', { lang }), lang, decodeRisk, { signal, body })
    },
    pictureUrl: (question, lang) => address('maps/image.pdf', { ...pictureParameters(question), lang, theme: 'print' }).href,
  }
}

/** An id may hold anything: each of its parts is escaped. */
export function featurePath(id: string): string {
  const [layer = '', source = '', ...rest] = id.split('/')
  return ['layers', layer, 'features', source, ...rest].map(encodeURIComponent).join('/')
}

/** A map style is checked by MapLibre itself; here only that it is one. */
function decodeStyle(value: unknown): StyleSpecification {
  if (!isFields(value) || value.version !== 8 || !isFields(value.sources) || !Array.isArray(value.layers)) {
    throw new ShapeError('style', 'a MapLibre style, version 8')
  }
  return value as unknown as StyleSpecification
}
