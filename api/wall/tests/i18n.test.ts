import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { ApiError } from '../src/api'
import { MESSAGES, explain, translate } from '../src/i18n'
import type { MessageKey } from '../src/i18n'

const holes = (text: string): readonly string[] => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1] ?? '').sort()

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue)$/.test(entry.name) && entry.name !== 'i18n.ts')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

describe('the words of the wall', () => {
  const keys = Object.keys(MESSAGES.zh) as MessageKey[]

  it('are the same in number in both languages', () => {
    expect(Object.keys(MESSAGES.en).sort()).toEqual([...keys].sort())
  })
  it.each(keys)('%s has the same values to fill in, and is written in its own language', (key) => {
    expect(holes(MESSAGES.en[key])).toEqual(holes(MESSAGES.zh[key]))
    if (!/^language/.test(key)) expect(MESSAGES.en[key]).not.toMatch(/[\u4e00-\u9fff]/)
  })
  it('are all used', () => {
    const code = [...sources(join(import.meta.dirname, '../src')), String(explain)].join('\n')
    const dynamic = /^(grade|code|word|error|tool|drawHint|scene|tour|change|by)_/
    expect(keys.filter((key) => !dynamic.test(key) && !code.includes(`'${key}'`))).toEqual([])
  })
  it('show a hole that was not filled', () => {
    expect(translate('en', 'within', {})).toBe('Within {radius}')
    expect(translate('zh', 'within', { radius: '5 km' })).toBe('5 km内')
  })
})

describe('a failure in plain words', () => {
  it('is the service’s own sentence where it has one', () => {
    expect(explain('zh', new ApiError('problem', 'x', { detail: '纬度 95 超出 ±90' }))).toBe('纬度 95 超出 ±90')
  })
  it('names the status where there is no sentence', () => {
    expect(explain('zh', new ApiError('status', 'x', { status: 502 }))).toContain('502')
  })
  it.each(['offline', 'timeout', 'shape'] as const)('tells %s in both languages', (kind) => {
    const error = new ApiError(kind, 'internal words')
    expect(explain('zh', error)).toMatch(/[\u4e00-\u9fff]/)
    expect(explain('en', error)).not.toContain('internal')
  })
})
