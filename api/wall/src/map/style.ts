/** The service's style made ready for this page: absolute addresses, what is hidden, and the wall's own drawing on top. */
import type {
  ExpressionSpecification, FilterSpecification, LayerSpecification, SourceSpecification, StyleSpecification,
  VisibilitySpecification,
} from 'maplibre-gl'

import { drawsCells } from './clusters'
import { rasterOf, rasterVisibility } from './rasters'
import { GRADES } from '../model'
import type { Grade } from '../model'

/** What the map shows of the service's layers. `riskLayers` are those that the grade filter is about. */
export interface Shown {
  readonly hidden: ReadonlySet<string>
  readonly without: ReadonlySet<Grade>
  readonly riskLayers: ReadonlySet<string>
  /** How opaque layers are drawn, where not as the style says. */
  readonly opacity?: ReadonlyMap<string, number>
  /** Rasters that were switched, on or off. */
  readonly rasters?: ReadonlyMap<string, boolean>
}

/** The name of the catalogue's layer that a layer of the style draws, or null (background and the like). */
export function layerNameOf(layer: LayerSpecification): string | null {
  const metadata: unknown = layer.metadata
  if (typeof metadata !== 'object' || metadata === null) return null
  const name = (metadata as Record<string, unknown>)['onemap:layer']
  return typeof name === 'string' ? name : null
}

/** `url` seen from `base`; the braces of a tile address stay as they are. */
export function absolute(url: string, base: URL): string {
  return new URL(url, base).href.replaceAll('%7B', '{').replaceAll('%7D', '}')
}

function absoluteSource(source: SourceSpecification, base: URL): SourceSpecification {
  if (source.type !== 'vector' && source.type !== 'raster' && source.type !== 'raster-dem') return source
  return {
    ...source,
    ...(source.url === undefined ? {} : { url: absolute(source.url, base) }),
    ...(source.tiles === undefined ? {} : { tiles: source.tiles.map((tile) => absolute(tile, base)) }),
  }
}

/** MapLibre's worker has another base address than the page: all addresses are made absolute. */
export function absoluteStyle(style: StyleSpecification, base: URL): StyleSpecification {
  const sources = Object.entries(style.sources).map(([name, source]) => [name, absoluteSource(source, base)] as const)
  return {
    ...style,
    sources: Object.fromEntries(sources),
    ...(typeof style.sprite === 'string' ? { sprite: absolute(style.sprite, base) } : {}),
  }
}

/** The style without where its tiles are, as one text. */
function withoutTiles(style: StyleSpecification): string {
  return JSON.stringify(style, (key, value: unknown) => (key === 'tiles' ? null : value))
}

function tilesOf(source: SourceSpecification | undefined): readonly string[] {
  return source?.type === 'vector' ? (source.tiles ?? []) : []
}

/** The sources whose tiles have another address in `next`; null when it differs in anything else too. */
export function retiled(base: StyleSpecification, next: StyleSpecification): ReadonlyMap<string, readonly string[]> | null {
  if (withoutTiles(base) !== withoutTiles(next)) return null
  const moved = Object.keys(next.sources).filter((name) => tilesOf(base.sources[name]).join() !== tilesOf(next.sources[name]).join())
  return new Map(moved.map((name) => [name, tilesOf(next.sources[name])]))
}

/**
 * The style whose tiles hold only the grades that are shown. A crowded tile counts its features in cells: hiding a cell by
 * its worst grade would hide the lower grades in it too, so the service counts anew without what is switched off.
 */
export function graded(style: StyleSpecification, shown: Shown): StyleSpecification {
  const base = chosen(style, shown)
  const grades = GRADES.filter((grade) => !shown.without.has(grade))
  if (shown.without.size === 0 || grades.length === 0) return base
  const filtered = new Set(base.layers.flatMap((layer) => {
    const name = layerNameOf(layer)
    return 'source' in layer && name !== null && shown.riskLayers.has(name) ? [layer.source] : []
  }))
  const sources = Object.entries(base.sources).map(([name, source]) => {
    if (source.type !== 'vector' || source.tiles === undefined || !filtered.has(name)) return [name, source] as const
    const tiles = source.tiles.map((tile) => `${tile}${tile.includes('?') ? '&' : '?'}grades=${grades.join(',')}`)
    return [name, { ...source, tiles }] as const
  })
  return { ...base, sources: Object.fromEntries(sources) }
}

/** The style whose tiles count only the layers that are shown; where none of a source is shown, nothing is asked anew. */
function chosen(base: StyleSpecification, shown: Shown): StyleSpecification {
  const sources = Object.entries(base.sources).map(([name, source]) => {
    if (source.type !== 'vector' || source.tiles === undefined) return [name, source] as const
    const tiles = source.tiles.map((tile) => tile.replace(/([?&]layers=)([^&]*)/, (all, key: string, names: string) => {
      const kept = names.split(',').filter((each) => !shown.hidden.has(each))
      return kept.length === 0 ? all : key + kept.join(',')
    }))
    return [name, tiles.join() === source.tiles.join() ? source : { ...source, tiles }] as const
  })
  const isSame = sources.every(([name, source]) => base.sources[name] === source)
  return isSame ? base : { ...base, sources: Object.fromEntries(sources) }
}

/** A filter that is true for the grades that are shown; a tile's feature without a grade is 未分级. */
function gradeFilter(without: ReadonlySet<Grade>): ExpressionSpecification {
  const shown = GRADES.filter((grade) => !without.has(grade)).map((grade) => (grade === 'none' ? '' : grade))
  return ['in', ['coalesce', ['get', 'grade'], ''], ['literal', shown]]
}

/** Whether no risk at all is shown: its tiles, which would count none, are not asked for. */
function isEmpty({ hidden, without, riskLayers }: Shown): boolean {
  return without.size === GRADES.length || [...riskLayers].every((name) => hidden.has(name))
}

/** Whether the layer is drawn now; one that the service itself switched off stays off. */
export function visibilityOf(layer: LayerSpecification, shown: Shown): VisibilitySpecification {
  const raster = rasterOf(layer)
  if (raster !== null) return rasterVisibility(layer, raster, shown.rasters)
  const name = layerNameOf(layer)
  const isHidden = drawsCells(layer) ? isEmpty(shown) : name !== null && shown.hidden.has(name)
  return isHidden ? 'none' : (layer.layout?.visibility ?? 'visible')
}

/** The layer's own filter, with that of the grades where the layer is one of risks. */
export function filterOf(layer: LayerSpecification, shown: Shown): FilterSpecification | null {
  const own = 'filter' in layer ? (layer.filter ?? null) : null
  const name = layerNameOf(layer)
  if (shown.without.size === 0 || name === null || !shown.riskLayers.has(name)) return own
  const grades = gradeFilter(shown.without)
  return own === null ? grades : (['all', own, grades] as ExpressionSpecification)
}
