import uPlot from 'uplot'
import type { Figure } from './figure'
import { bandAlpha, dashes, withAlpha, type Marks } from './marks'
import { spaced } from '../../words/sentences'

interface PlotOptions {
  readonly figure: Figure
  readonly colours: Marks
  readonly width: number
  readonly height: number
  readonly locale: string
  readonly timezone: string
  readonly format: (value: number) => string
  /** Which point the cursor is on; `undefined`: none. */
  readonly onPoint: (index: number | undefined) => void
  /** Where the plot stands, whenever that was drawn. */
  readonly onFrame: (frame: Frame) => void
}

/** Where the plot stands in the figure, CSS pixels, and what its edges mean. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly fromMs: number
  readonly untilMs: number
  readonly low: number
  readonly high: number
}

const axisFont = '12px system-ui, sans-serif'
/** Space beside a label of an axis, CSS pixels. */
const labelGap = 14
const dayMs = 86_400_000

/** What uPlot needs to draw a figure. Its own dates are those of the United States: ours come from Intl. */
export function plotOptions({ figure, colours, width, height, locale, timezone, format, onPoint, onFrame }: PlotOptions): uPlot.Options {
  const first = figure.times[0] ?? 0
  const spanMs = (figure.times.at(-1) ?? 0) - first
  const label = new Intl.DateTimeFormat(locale, { timeZone: timezone, ...(spanMs > 2 * dayMs ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) })
  const bandSeries = (figure.bands ?? []).flatMap(({ kind }): uPlot.Series[] => [0, 1].map(() => ({ stroke: withAlpha(colours.value, kind === 'forecast' ? 0.3 : 0), width: 1, points: { show: false } })))
  return {
    width,
    height,
    ms: 1,
    pxAlign: false,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), timezone),
    legend: { show: false },
    // Half of the last label of the axis stands beyond the end.
    padding: [12, 20, 0, 0],
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_plot, min, max) => rangeOf(min, max, figure) } },
    axes: [
      { stroke: colours.ink, font: axisFont, grid: { show: false }, ticks: { stroke: colours.grid }, values: (_plot, ticks) => ticks.map((ms) => spaced(label.format(ms))), space: 70 },
      { stroke: colours.ink, font: axisFont, grid: { stroke: colours.grid, width: 1 }, ticks: { show: false }, values: (_plot, ticks) => ticks.map((value) => format(value)), size: (plot, values) => widest(plot, values) + labelGap },
    ],
    series: [
      {},
      ...figure.lines.map(({ kind }): uPlot.Series => ({
        stroke: kind === 'pace' || kind === 'before' ? colours.ink : colours.value,
        width: kind === 'value' ? 2 : 1.5,
        spanGaps: false,
        // A value between two gaps is no line: it is a point.
        points: { show: true, size: 4, fill: kind === 'pace' || kind === 'before' ? colours.ink : colours.value, filter: (plot, line) => lonely(plot.data[line] ?? []) },
        ...(kind === 'forecast' && { dash: [...dashes.forecast] }),
        ...((kind === 'pace' || kind === 'before') && { dash: [...dashes.pace] }),
      })),
      ...bandSeries,
    ],
    bands: (figure.bands ?? []).map(({ kind }, index) => {
      const at = 1 + figure.lines.length + index * 2
      return { series: [at + 1, at] as [number, number], fill: withAlpha(colours.value, bandAlpha[kind]) }
    }),
    hooks: {
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? undefined)],
      drawClear: [(plot) => drawStrips(plot, figure, colours)],
      draw: [(plot) => drawLevels(plot, figure, colours), (plot) => drawUnpriced(plot, figure, colours), (plot) => onFrame(frameOf(plot))],
    },
  }
}

/** The rows that uPlot wants: the times, then each line, then low and high of each band. */
export function plotData({ times, lines, bands = [] }: Figure): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values]), ...bands.flatMap(({ low, high }) => [[...low], [...high]])]
}

function lonely(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (value, index) => (typeof value === 'number' && typeof values[index - 1] !== 'number' && typeof values[index + 1] !== 'number' ? index : -1)).filter((index) => index >= 0)
}

function frameOf({ bbox, scales }: uPlot): Frame {
  const ratio = devicePixelRatio
  return { left: bbox.left / ratio, top: bbox.top / ratio, width: bbox.width / ratio, height: bbox.height / ratio, fromMs: scales['x']?.min ?? 0, untilMs: scales['x']?.max ?? 0, low: scales['y']?.min ?? 0, high: scales['y']?.max ?? 1 }
}

/** From 0, so that heights can be compared; every level is seen. */
function rangeOf(min: number | null, max: number | null, { levels = [], leastHeight = 1 }: Figure): [number, number] {
  const highest = Math.max(max ?? 0, ...levels.map(({ value }) => value))
  return [Math.min(0, min ?? 0), highest === 0 ? leastHeight : highest * 1.08]
}

function widest({ ctx }: uPlot, values: readonly string[] | null): number {
  ctx.save()
  ctx.font = axisFont
  const pixels = Math.max(0, ...(values ?? []).map((text) => ctx.measureText(text).width))
  ctx.restore()
  return pixels
}

function drawLevels(plot: uPlot, { levels = [] }: Figure, colours: Marks): void {
  const { ctx, bbox } = plot
  for (const [index, { value, label, kind }] of levels.entries()) {
    const y = plot.valToPos(value, 'y', true)
    ctx.save()
    ctx.strokeStyle = colours[kind]
    ctx.fillStyle = colours[kind]
    ctx.lineWidth = devicePixelRatio * 1.5
    ctx.setLineDash(dashes[kind].map((length) => length * devicePixelRatio))
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
    // What an axis drew before left its own alignment.
    // Neighbours stand at different ends: they may be close.
    const isLeft = index % 2 === 0
    ctx.textAlign = isLeft ? 'left' : 'right'
    ctx.textBaseline = 'bottom'
    ctx.fillText(label, isLeft ? bbox.left + 4 * devicePixelRatio : bbox.left + bbox.width - 4 * devicePixelRatio, y - 2 * devicePixelRatio)
    ctx.restore()
  }
}

/** Hatched, so that it is seen without colour. */
function drawStrips(plot: uPlot, { strips = [] }: Figure, colours: Marks): void {
  const { ctx, bbox } = plot
  for (const { fromMs, untilMs } of strips) {
    const left = Math.max(bbox.left, plot.valToPos(fromMs, 'x', true))
    const right = Math.min(bbox.left + bbox.width, Math.max(left + 2 * devicePixelRatio, plot.valToPos(untilMs, 'x', true)))
    if (right <= left) continue
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, right - left, bbox.height)
    ctx.clip()
    ctx.fillStyle = withAlpha(colours.warning, 0.1)
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.strokeStyle = withAlpha(colours.warning, 0.5)
    ctx.lineWidth = devicePixelRatio
    for (let x = left - bbox.height; x < right; x += 8 * devicePixelRatio) {
      ctx.beginPath()
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
      ctx.stroke()
    }
    ctx.restore()
  }
}

function drawUnpriced(plot: uPlot, { unpricedAt = [] }: Figure, colours: Marks): void {
  const { ctx, bbox } = plot
  const size = 5 * devicePixelRatio
  for (const ms of unpricedAt) {
    const x = plot.valToPos(ms, 'x', true)
    const y = bbox.top + size + 2 * devicePixelRatio
    ctx.save()
    ctx.strokeStyle = colours.unpriced
    ctx.lineWidth = 1.5 * devicePixelRatio
    ctx.beginPath()
    ctx.moveTo(x, y - size)
    ctx.lineTo(x + size, y)
    ctx.lineTo(x, y + size)
    ctx.lineTo(x - size, y)
    ctx.closePath()
    ctx.stroke()
    ctx.restore()
  }
}
