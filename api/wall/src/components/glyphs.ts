/** The drawings of the one symbology (geo/cartography/symbols), taken into the build; a layer without one gets a pin or an area. */
import area from '../symbols/area.svg?url'
import pin from '../symbols/pin.svg?url'

const FILES: Readonly<Record<string, string>> = import.meta.glob('../../../../geo/cartography/symbols/*.svg', {
  eager: true,
  query: '?url',
  import: 'default',
})

const BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(FILES).map(([path, url]) => [path.replace(/^.*\/|\.svg$/g, ''), url]),
)

/** Candidates in order: the symbol that the legend names, the layer's name in the singular, with hyphens. */
export function glyphUrl(symbol: string | null, layer: string, geometry: string): string {
  const singular = layer.replaceAll('_', '-').replace(/s$/, '')
  const known = [symbol, layer, singular].find((name) => name !== null && BY_NAME.has(name))
  return (known ? BY_NAME.get(known) : undefined) ?? (geometry === 'polygon' ? area : pin)
}
