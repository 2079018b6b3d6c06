/** Drawing on the map with terra-draw, which is fetched when the first tool is taken up, and leaves nothing behind. */
import type { Feature } from 'geojson'
import type { Map as GlMap } from 'maplibre-gl'
import type { HexColor, TerraDraw } from 'terra-draw'

import type { DrawTool } from './drawn'

export interface DrawInk {
  readonly line: string
  readonly halo: string
}

export interface Drawing {
  /** Takes up a tool; what is finished is told, and the tool is put down. */
  begin(tool: DrawTool, ink: DrawInk): Promise<void>
  cancel(): void
}

export interface DrawEvents {
  readonly drawn: (tool: DrawTool, feature: Feature) => void
  /** The drawing so far, for figures that follow the pointer. */
  readonly drawing: (tool: DrawTool, feature: Feature) => void
  readonly cancelled: () => void
}

async function makeDraw(gl: GlMap, tool: DrawTool, ink: DrawInk): Promise<TerraDraw> {
  const [terra, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import('terra-draw'), import('terra-draw-maplibre-gl-adapter')])
  const line = ink.line as HexColor
  const halo = ink.halo as HexColor
  const area = { fillColor: line, fillOpacity: 0.1, outlineColor: line, outlineWidth: 2.5 }
  const points = { closingPointColor: line, closingPointOutlineColor: halo, closingPointWidth: 6, closingPointOutlineWidth: 2 }
  const path = { lineStringColor: line, lineStringWidth: 3 }
  const mode = {
    line: () => new terra.TerraDrawLineStringMode({ styles: { ...path, ...points } }),
    measure: () => new terra.TerraDrawLineStringMode({ styles: { ...path, ...points } }),
    polygon: () => new terra.TerraDrawPolygonMode({ styles: { ...area, ...points } }),
    circle: () => new terra.TerraDrawCircleMode({ styles: area, projection: 'globe' }),
    sector: () => new terra.TerraDrawSectorMode({ styles: area }),
  }[tool]()
  const draw = new terra.TerraDraw({ adapter: new TerraDrawMapLibreGLAdapter({ map: gl }), modes: [mode] })
  draw.start()
  draw.setMode(mode.mode)
  return draw
}

/** One drawing at a time on a map. */
export function createDrawing(gl: GlMap, { drawn, drawing, cancelled }: DrawEvents): Drawing {
  let current: TerraDraw | null = null
  let turn = 0
  const drop = (): void => {
    turn += 1
    current?.stop()
    current = null
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !current) return
    drop()
    cancelled()
  }
  window.addEventListener('keydown', onKey)
  gl.once('remove', () => { window.removeEventListener('keydown', onKey) })
  return {
    begin: async (tool, ink) => {
      drop()
      const mine = turn
      const draw = await makeDraw(gl, tool, ink)
      if (mine !== turn) {
        draw.stop()
        return
      }
      current = draw
      gl.getCanvas().focus()
      const featureOf = (id: string | number): Feature | null => (draw.getSnapshotFeature(id) as Feature | undefined) ?? null
      draw.on('change', (ids) => {
        const feature = ids.map(featureOf).find((each) => each !== null && each.geometry.type !== 'Point')
        if (feature) drawing(tool, feature)
      })
      draw.on('finish', (id) => {
        const feature = featureOf(id)
        // terra-draw is still at work on its own event: it may only be taken away afterwards.
        queueMicrotask(() => {
          drop()
          if (feature) drawn(tool, feature)
        })
      })
    },
    cancel: drop,
  }
}
