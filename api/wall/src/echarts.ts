/** The parts of ECharts that the wall draws with: bars on a canvas. A chunk of its own. */
import { BarChart } from 'echarts/charts'
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import type { ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([BarChart, GridComponent, TooltipComponent, AriaComponent, CanvasRenderer])

/** A chart in an element. */
export function beginChart(element: HTMLElement): ECharts {
  return init(element, null, { renderer: 'canvas' })
}
