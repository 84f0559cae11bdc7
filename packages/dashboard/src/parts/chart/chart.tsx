import 'uplot/dist/uPlot.min.css'
import { Table, Text, UnstyledButton, useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'
import uPlot from 'uplot'
import { useLocale, useSay } from '../../words/say'
import { useAmounts } from '../amounts'
import { useTell } from '../toasts'
import { pointText, type Figure } from './figure'
import { marks } from './marks'
import { plotData, plotOptions, type Frame } from './plot'
import classes from './chart.module.css'

interface ChartProps {
  readonly figure: Figure
  /** What is drawn, such as `Spend today`. */
  readonly name: string
  /** What it comes to, in one sentence: who cannot see the lines reads this. */
  readonly summary: string
  readonly format: (value: number) => string
  /** CSS pixels. @default 220 */
  readonly height?: number
  /** Old, while new is asked for. @default false */
  readonly isDimmed?: boolean
  /** Over the plot, such as a handle that is dragged. */
  readonly over?: (frame: Frame) => ReactNode
  /** Under the plot, in line with its times: buttons for marks. */
  readonly children?: ReactNode | ((frame: Frame) => ReactNode)
}

/** Rows of the table beside a chart: whoever wants more asks the API. */
const rowsMax = 200

/** Lines over time that can be read by eye, by arrow keys, and as a table. */
export function Chart({ figure, name, summary, format, height = 220, isDimmed = false, over, children }: ChartProps): ReactElement {
  const say = useSay()
  const { locale, timezone } = useLocale()
  const { wholeTime } = useAmounts()
  const { announce } = useTell()
  const scheme = useComputedColorScheme('light')
  const { ref: sized, width } = useElementSize()
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [point, setPoint] = useState<number | undefined>()
  const [isTable, setIsTable] = useState(false)
  const [frame, setFrame] = useState<Frame>()
  const id = useId()
  const latest = useRef(format)
  latest.current = format

  useEffect(() => {
    const target = place.current
    if (target === null || width === 0) return undefined
    const onFrame = (next: Frame): void => setFrame((known) => (JSON.stringify(known) === JSON.stringify(next) ? known : next))
    const made = new uPlot(plotOptions({ figure, colours: marks[scheme], width, height, locale, timezone, format: (value) => latest.current(value), onPoint: setPoint, onFrame }), plotData(figure), target)
    // It has no name of its own; the figure around it has.
    made.root.setAttribute('aria-hidden', 'true')
    plot.current = made
    return () => {
      plot.current = undefined
      made.destroy()
    }
  }, [figure, scheme, width, height, locale, timezone])

  const said = (index: number): string => say('state.named', { name: wholeTime(figure.times[index] ?? 0), text: pointText(figure, index, format) })
  const pressed = (event: KeyboardEvent): void => {
    const last = figure.times.length - 1
    const from = point ?? (event.key === 'ArrowLeft' ? last + 1 : -1)
    const to = { ArrowLeft: Math.max(0, from - 1), ArrowRight: Math.min(last, from + 1), Home: 0, End: last }[event.key]
    if (to === undefined || last < 0) return
    event.preventDefault()
    const drawn = plot.current
    drawn?.setCursor({ left: drawn.valToPos(figure.times[to] ?? 0, 'x'), top: 0 })
    setPoint(to)
    announce(said(to))
  }

  return (
    <figure className={classes['figure']} data-dimmed={isDimmed} aria-labelledby={`${id}-name`} aria-describedby={`${id}-summary`}>
      <figcaption id={`${id}-name`} className="only-spoken">
        {name}
      </figcaption>
      {/* Reached by the keyboard: arrows move the cursor from point to point. */}
      <div className={classes['ground']}>
        <div ref={sized} className={classes['plot']} style={{ height }} tabIndex={0} role="slider" aria-label={say('chart.cursor', { name })} aria-valuemin={0} aria-valuemax={Math.max(0, figure.times.length - 1)} aria-valuenow={point ?? 0} aria-valuetext={point === undefined ? summary : said(point)} onKeyDown={pressed} hidden={isTable}>
          <div ref={place} />
        </div>
        {over !== undefined && frame !== undefined && !isTable && over(frame)}
      </div>
      {isTable && (
        <Table.ScrollContainer minWidth={280} mah={height}>
          <Table fz="xs" aria-label={name}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say('chart.time')}</Table.Th>
                <Table.Th>{say('chart.values')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {figure.times.slice(-rowsMax).map((ms, index) => (
                <Table.Tr key={ms}>
                  <Table.Td>{wholeTime(ms)}</Table.Td>
                  <Table.Td>{pointText(figure, index + Math.max(0, figure.times.length - rowsMax), format)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <div className={classes['foot']}>
        <Text size="xs" c="dimmed" id={`${id}-summary`} className={classes['summary'] ?? ''}>
          {point === undefined || isTable ? summary : said(point)}
        </Text>
        <UnstyledButton className={classes['switch'] ?? ''} onClick={() => setIsTable(!isTable)} aria-pressed={isTable}>
          {say(isTable ? 'chart.as-lines' : 'chart.as-table')}
        </UnstyledButton>
      </div>
      {typeof children === 'function' ? frame !== undefined && children(frame) : children}
    </figure>
  )
}
