/** Beds against people: whether the shelters within each ring hold the people who live there. */
import { fields, list, number, optional, sentence } from './checks'
import type { Sentence } from './model'

export interface Capacity {
  readonly radiusM: number
  readonly shelters: number
  readonly capacityPeople: number
  /** Null: no grid of people is loaded there. */
  readonly people: number | null
  /** Null: what is not known decides it. */
  readonly isEnough: boolean | null
  readonly why: Sentence | null
}

/** The member `capacity` of a risk answer, innermost ring first; none where the service does not tell it. */
export function decodeCapacity(value: unknown): readonly Capacity[] {
  return list(value ?? [], 'capacity').map((item, at) => {
    const path = `capacity[${at}]`
    const row = fields(item, path)
    return {
      radiusM: number(row.radius_m, `${path}.radius_m`),
      shelters: number(row.shelters, `${path}.shelters`),
      capacityPeople: optional(row.capacity_people, `${path}.capacity_people`, number) ?? 0,
      people: optional(row.people, `${path}.people`, number),
      isEnough: typeof row.enough === 'boolean' ? row.enough : null,
      why: sentence(row.why),
    }
  })
}
