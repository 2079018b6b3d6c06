/**
 * Plates: many risks as one sign. The service's tiles say what each counts and where it stands; here it is drawn: the worst
 * grade's shape and its count, the total, a bar of all grades. An image is named by its figures and made when first needed.
 */
import type { LayerSpecification, Map as GlMap, StyleSpecification } from 'maplibre-gl'

import { GRADES } from '../model'
import type { Bounds, Counts, Grade } from '../model'

/** A cell of the tiles' layer `cells`: what its plate counts, and where. */
export interface Cell {
  readonly counts: Counts
  readonly total: number
  /** How many of each layer. */
  readonly layers: Readonly<Record<string, number>>
  readonly bounds: Bounds
}

/** The colours of plates, as the style of the service gives them. */
interface PlateInk {
  readonly theme: string
  readonly panel: string
  readonly line: string
  readonly ink: string
  readonly ink2: string
  readonly fills: Readonly<Record<Grade, string>>
  readonly edges: Readonly<Record<Grade, string>>
}

/** Beyond so many red ones the plate's edge is red on the map of a city: emphasis is rationed. */
const MANY_REDS = 5
/** From here on a map is near, and every plate wears the colour of its worst. */
const NEAR_ZOOM = 11
/** Plates no longer in sight are kept up to this number. */
const MOST_KEPT = 600

const PREFIX = 'plate'
const HEIGHT = 26
const SHAPES: Readonly<Record<Grade, string>> = {
  red: 'M12 1.5 22.5 12 12 22.5 1.5 12z',
  orange: 'M12 2.2 23 21.3H1z',
  yellow: 'M3.2 3.2h17.6v17.6H3.2z',
  blue: 'M21.8 12A9.8 9.8 0 1 1 2.2 12 9.8 9.8 0 1 1 21.8 12z',
  none: 'M21 12A9 9 0 1 1 3 12 9 9 0 1 1 21 12z',
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function partOf(layer: LayerSpecification): unknown {
  return isRecord(layer.metadata) ? layer.metadata['onemap:cells'] : undefined
}

/** Whether the layer of the style draws cells. */
export function drawsCells(layer: LayerSpecification): boolean {
  return typeof partOf(layer) === 'string'
}

/** What a feature of the tiles' layer `cells` counts; null where it is none or stands for a single risk. */
export function cellOf(properties: Readonly<Record<string, unknown>>): Cell | null {
  const { total, layers, bounds } = properties
  if (typeof total !== 'number' || total < 2 || typeof layers !== 'string' || typeof bounds !== 'string') return null
  const [west, south, east, north] = bounds.split(',').map(Number)
  if (west === undefined || south === undefined || east === undefined || north === undefined) return null
  const counted: unknown = JSON.parse(layers)
  const counts = Object.fromEntries(GRADES.map((grade) => [grade, Number(properties[grade] ?? 0)])) as unknown as Counts
  return { counts, total, layers: isRecord(counted) ? (counted as Record<string, number>) : {}, bounds: [west, south, east, north] }
}

/** The style in which cells are whole plates instead of the figures that any client can draw. */
export function plated(style: StyleSpecification): StyleSpecification {
  const theme = inkOf(style)?.theme
  if (theme === undefined) return style
  const figures = GRADES.flatMap((grade) => [['to-string', ['coalesce', ['get', grade], 0]], '-']).slice(0, -1)
  const named = (mode: string): unknown => ['concat', `${PREFIX}/${theme}/${mode}/`, ...figures]
  const layers = style.layers.map((layer) => {
    if (partOf(layer) !== 'plate' || layer.type !== 'symbol') return layer
    const layout = {
      'icon-image': ['step', ['zoom'], named('far'), NEAR_ZOOM, named('near')],
      'icon-allow-overlap': true,
      'symbol-sort-key': layer.layout?.['symbol-sort-key'],
    }
    return { ...layer, layout, paint: {} } as LayerSpecification
  })
  return { ...style, layers }
}

function inkOf(style: StyleSpecification): PlateInk | null {
  const found = style.layers.map(({ metadata }) => (isRecord(metadata) ? metadata['onemap:plate'] : undefined)).find(isRecord)
  return (found as unknown as PlateInk | undefined) ?? null
}

/** A figure as a plate has room for it. */
function short(count: number): string {
  if (count < 100_000) return String(count)
  return document.documentElement.lang.startsWith('en') ? `${Math.round(count / 1000)}k` : `${(count / 10_000).toFixed(1)}万`
}

function path(pen: CanvasRenderingContext2D, grade: Grade, x: number, y: number, edge: number, ink: PlateInk): void {
  pen.save()
  pen.translate(x, y)
  pen.scale(edge / 24, edge / 24)
  const shape = new Path2D(SHAPES[grade])
  pen.lineJoin = 'round'
  pen.strokeStyle = grade === 'none' ? ink.edges.none : ink.edges[grade]
  if (grade === 'none') {
    pen.lineWidth = 2.4
    pen.setLineDash([3.6, 2.055])
  } else {
    pen.fillStyle = ink.fills[grade]
    pen.fill(shape)
    pen.lineWidth = 1.6
  }
  pen.stroke(shape)
  pen.restore()
}

/** The bar of all grades: each as long as its share, none shorter than a hair. */
function bar(pen: CanvasRenderingContext2D, counts: Counts, x: number, y: number, width: number, ink: PlateInk): void {
  const there = GRADES.filter((grade) => counts[grade] > 0)
  const total = there.reduce((sum, grade) => sum + counts[grade], 0)
  const least = 2.5
  const spare = width - there.length * least
  let at = x
  for (const grade of there) {
    const length = least + (spare * counts[grade]) / total
    pen.fillStyle = grade === 'none' ? ink.edges.none : ink.fills[grade]
    pen.fillRect(at, y, Math.max(length - 0.8, 1), 3)
    at += length
  }
}

/** A canvas in the page's own memory: one of the graphics card would be waited for at every plate that is read from it. */
function createPen(): CanvasRenderingContext2D | null {
  return document.createElement('canvas').getContext('2d', { willReadFrequently: true })
}

function draw(pen: CanvasRenderingContext2D, counts: Counts, isNear: boolean, ink: PlateInk, font: string, ratio: number): ImageData | null {
  const { canvas } = pen
  const worst = GRADES.find((grade) => counts[grade] > 0)
  if (!worst) return null
  const figure = short(counts[worst])
  const total = `/ ${short(GRADES.reduce((sum, grade) => sum + counts[grade], 0))}`
  const [bold, plain] = [`700 13.5px ${font}`, `400 12px ${font}`]
  pen.font = bold
  const figureWidth = pen.measureText(figure).width
  pen.font = plain
  const width = Math.ceil(23 + figureWidth + 5 + pen.measureText(total).width + 8)
  // Another size clears the canvas, and all that was set.
  canvas.width = (width + 2) * ratio
  canvas.height = (HEIGHT + 2) * ratio
  pen.scale(ratio, ratio)
  pen.translate(1, 1)
  const keen = isNear || counts.red >= MANY_REDS
  pen.beginPath()
  pen.roundRect(0, 0, width, HEIGHT, 6)
  pen.fillStyle = ink.panel
  pen.fill()
  pen.lineWidth = keen && (worst === 'red' || worst === 'orange') ? 2 : 1.3
  pen.strokeStyle = keen ? (worst === 'none' ? ink.edges.none : ink.fills[worst]) : ink.line
  pen.stroke()
  path(pen, worst, 6, 4, 13, ink)
  pen.textBaseline = 'alphabetic'
  pen.font = bold
  pen.fillStyle = ink.ink
  pen.fillText(figure, 23, 15.8)
  pen.font = plain
  pen.fillStyle = ink.ink2
  pen.fillText(total, 28 + figureWidth, 15.8)
  bar(pen, counts, 5, HEIGHT - 6.5, width - 10, ink)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}

/** Draws the plates that the map asks for; those out of sight are dropped when they become many. */
export function createPlates(gl: GlMap, styleOf: () => StyleSpecification): void {
  const kept = new Set<string>()
  const pen = createPen()
  // Finer than the screen: MapLibre then smooths the picture, where one of the screen's own ratio may lose a column of pixels.
  const ratio = Math.min(Math.ceil(devicePixelRatio) + 1, 4)
  const element = gl.getContainer()
  gl.setMissingStyleImageResolver((id) => {
    const [prefix, , mode, figures] = id.split('/')
    const ink = inkOf(styleOf())
    if (prefix !== PREFIX || ink === null || figures === undefined || pen === null) return Promise.resolve()
    const numbers = figures.split('-').map(Number)
    const counts = Object.fromEntries(GRADES.map((grade, at) => [grade, numbers[at] ?? 0])) as unknown as Counts
    const { fontFamily, fontSize } = getComputedStyle(element)
    const scale = Math.min(Math.max(parseFloat(fontSize) / 14, 1), 1.2)
    const image = draw(pen, counts, mode === 'near', ink, fontFamily, ratio * scale)
    if (image) {
      gl.addImage(id, image, { pixelRatio: ratio })
      kept.add(id)
    }
    return Promise.resolve()
  })
  gl.on('idle', () => {
    if (kept.size <= MOST_KEPT) return
    const seen = seenIn(gl)
    for (const id of kept) {
      if (seen.has(id.split('/').at(-1) ?? '')) continue
      if (gl.hasImage(id)) gl.removeImage(id)
      kept.delete(id)
    }
  })
}

/** The figures of all plates in the tiles that the map holds. */
function seenIn(gl: GlMap): ReadonlySet<string> {
  const cells = gl.getSource('risks') ? gl.querySourceFeatures('risks', { sourceLayer: 'cells' }) : []
  return new Set(cells.map(({ properties }) => GRADES.map((grade) => String(properties[grade] ?? 0)).join('-')))
}
