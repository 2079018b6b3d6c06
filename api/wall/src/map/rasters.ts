/** Relief, grids and the basemap: raster layers that the service's style brings, switched in the tree's 底图. */
import type { LayerSpecification, StyleSpecification, VisibilitySpecification } from 'maplibre-gl'

export interface RasterInfo {
  readonly name: string
  readonly title: string
  /** Whether the style shows it when nobody chose. */
  readonly isOn: boolean
}

function metadataOf(layer: LayerSpecification): Readonly<Record<string, unknown>> {
  return typeof layer.metadata === 'object' && layer.metadata !== null ? (layer.metadata as Record<string, unknown>) : {}
}

/** The raster that a layer of the style draws, by name; null for one of the catalogue's. */
export function rasterOf(layer: LayerSpecification): string | null {
  const name = metadataOf(layer)['onemap:raster']
  return typeof name === 'string' ? name : null
}

/** The name under which a raster's opacity is kept. */
export function rasterKey(name: string): string {
  return `raster-${name}`
}

/** The rasters of a style, in the order in which they lie. */
export function rastersOf(style: StyleSpecification): readonly RasterInfo[] {
  return style.layers.flatMap((layer) => {
    const name = rasterOf(layer)
    const title = metadataOf(layer)['onemap:title']
    return name === null ? [] : [{ name, title: typeof title === 'string' ? title : name, isOn: layer.layout?.visibility !== 'none' }]
  })
}

/** Whether a raster is drawn: as chosen, else as the style says. */
export function rasterVisibility(layer: LayerSpecification, name: string, chosen: ReadonlyMap<string, boolean> | undefined): VisibilitySpecification {
  const own = layer.layout?.visibility ?? 'visible'
  const wanted = chosen?.get(name)
  return wanted === undefined ? own : wanted ? 'visible' : 'none'
}
