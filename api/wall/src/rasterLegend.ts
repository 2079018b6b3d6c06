/** What the colours of a grid mean: people, heights, hazards, as the catalogue tells them. */
import { fields, list, number, optional, text } from './checks'

export interface RasterLegend {
  readonly name: string
  /** With the unit of its figures, where the steps do not say it. */
  readonly title: string
  readonly demo: boolean
  /** How opaque the service draws it, 0 to 1. */
  readonly opacity: number
  /** The share of its cells that hold a figure, 0 to 1. */
  readonly knownShare: number
  /** In the order of the service; without a colour: what is not known, or not drawn. */
  readonly items: readonly { readonly title: string; readonly color: string | null }[]
}

/** The member `rasters` of the catalogue; none where the service has no grids. */
export function decodeRasterLegends(value: unknown): readonly RasterLegend[] {
  return list(value ?? [], 'rasters').map((item, at) => {
    const path = `rasters[${at}]`
    const row = fields(item, path)
    const legend = fields(row.legend, `${path}.legend`)
    return {
      name: text(row.name, `${path}.name`),
      title: text(legend.title, `${path}.legend.title`),
      demo: row.demo === true,
      opacity: optional(legend.opacity, `${path}.legend.opacity`, number) ?? 1,
      knownShare: optional(row.known_share, `${path}.known_share`, number) ?? 1,
      items: list(legend.items, `${path}.legend.items`).map((step, nth) => {
        const told = fields(step, `${path}.items[${nth}]`)
        return { title: text(told.title, `${path}.items[${nth}].title`), color: optional(told.color, `${path}.items[${nth}].color`, text) }
      }),
    }
  })
}
