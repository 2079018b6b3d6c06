/** A feature's columns as lines of a card: the title, the value with its unit, codes in words; what is unknown is counted. */
import { formatNumber } from './format'
import type { MessageKey } from './i18n'
import type { FeatureFacts, FieldInfo } from './model'

export interface Fact {
  readonly title: string
  readonly value: string
}

export interface Facts {
  readonly known: readonly Fact[]
  /** How many columns say nothing. */
  readonly unknown: number
}

type Say = (key: MessageKey) => string

function word(value: unknown, field: FieldInfo): string {
  return typeof value === 'string' ? (field.choices.get(value) ?? value) : String(value)
}

/** One value in words; null when nothing is known. Zero is a value. */
export function valueText(value: unknown, field: FieldInfo, say: Say): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return say(value ? 'yes' : 'no')
  if (Array.isArray(value)) return value.length === 0 ? null : value.map((each) => word(each, field)).join('、')
  const text = typeof value === 'number' ? formatNumber(value) : word(value, field)
  return field.unit === null ? text : `${text} ${field.unit}`
}

/** The layer's own columns first, then who answers for it, where it is, and how old the data is. */
export function factsOf(feature: FeatureFacts, fields: readonly FieldInfo[], say: Say): Facts {
  const own = fields.map((field) => [field.title, valueText(feature.values[field.name], field, say)] as const)
  const shared = [
    [say('cardPerson'), feature.responsiblePerson], [say('cardPhone'), feature.responsiblePhone],
    [say('cardAddress'), feature.address], [say('dataDate'), feature.dataDate], [say('cardCode'), `${feature.source} ${feature.sourceId}`],
  ] as const
  const all = [...own, ...shared]
  const known = all.flatMap(([title, value]) => (value === null ? [] : [{ title, value }]))
  return { known, unknown: all.length - known.length }
}
