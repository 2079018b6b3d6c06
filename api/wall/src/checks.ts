/** The pieces of which every answer's check is made: a value has the promised kind, or there is an error with its path. */
import { GRADES } from './model'
import type { Bounds, Grade, Sentence } from './model'

/** The answer has not the shape that the contract promises; `path` says where. */
export class ShapeError extends Error {
  constructor(readonly path: string, expected: string) {
    super(`${path}: expected ${expected}`)
    this.name = 'ShapeError'
  }
}

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fields(value: unknown, path: string): Fields {
  if (!isFields(value)) throw new ShapeError(path, 'an object')
  return value
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(path, 'a list')
  return value
}

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new ShapeError(path, 'text')
  return value
}

export function number(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ShapeError(path, 'a number')
  return value
}

/** Absent and null are both "not told"; anything else must have the promised shape. */
export function optional<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | null {
  return value === undefined || value === null ? null : read(value, path)
}

export function grade(value: unknown, path: string): Grade {
  if (value === null || value === undefined || value === '') return 'none'
  const known = GRADES.find((name) => name === value)
  if (!known) throw new ShapeError(path, `one of ${GRADES.join(', ')}`)
  return known
}

export function bounds(value: unknown, path: string): Bounds {
  const [west, south, east, north] = list(value, path).map((side, at) => number(side, `${path}[${at}]`))
  if (west === undefined || south === undefined || east === undefined || north === undefined) {
    throw new ShapeError(path, 'west, south, east, north')
  }
  return [west, south, east, north]
}

/** Why a feature has its grade: `{zh, en}`, or an object that carries such a sentence, or one sentence. */
export function sentence(value: unknown): Sentence | null {
  if (typeof value === 'string') return value === '' ? null : { zh: value, en: value }
  if (!isFields(value)) return null
  const { zh, en } = value
  if (typeof zh === 'string' || typeof en === 'string') {
    const only = typeof zh === 'string' ? zh : String(en)
    return { zh: only, en: typeof en === 'string' ? en : only }
  }
  return sentence(value.sentence) ?? sentence(value.text) ?? sentence(value.title)
}
