import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react'
import classes from './chart.module.css'
import type { Frame } from './plot'

interface LevelHandleProps {
  readonly frame: Frame
  readonly value: number
  readonly label: string
  readonly format: (value: number) => string
  readonly change: (value: number) => void
}

/** A level that is dragged up and down, and moved by arrow keys: by a hundredth of the plot, with Page Up and Page Down by ten. */
export function LevelHandle({ frame, value, label, format, change }: LevelHandleProps): ReactElement {
  const { left, top, width, height, low, high } = frame
  const [moving, setMoving] = useState<number>()
  const from = useRef<{ readonly y: number; readonly value: number } | undefined>(undefined)
  const shown = moving ?? value
  const step = stepOf(high - low)
  const rounded = (next: number): number => Math.max(0, Number((Math.round(next / step) * step).toPrecision(12)))
  const y = top + height * (1 - (Math.min(high, Math.max(low, shown)) - low) / Math.max(Number.MIN_VALUE, high - low))
  const pressed = (event: KeyboardEvent): void => {
    const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    change(rounded(value + by * step))
  }
  const dragged = (event: PointerEvent): void => {
    if (from.current === undefined) return
    setMoving(rounded(from.current.value + ((from.current.y - event.clientY) / Math.max(1, height)) * (high - low)))
  }
  const released = (): void => {
    from.current = undefined
    if (moving !== undefined && moving !== value) change(moving)
    setMoving(undefined)
  }
  return (
    <div
      className={classes['handle']}
      style={{ left, top: y, width }}
      data-moving={moving !== undefined}
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(high, value)}
      aria-valuenow={shown}
      aria-valuetext={format(shown)}
      onKeyDown={pressed}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        from.current = { y: event.clientY, value }
      }}
      onPointerMove={dragged}
      onPointerUp={released}
      onPointerCancel={() => {
        from.current = undefined
        setMoving(undefined)
      }}
    >
      <span className={classes['knob']} aria-hidden="true">
        ↕ {format(shown)}
      </span>
    </div>
  )
}

/** 1, 2 or 5 of some power of ten, about a hundredth. */
function stepOf(span: number): number {
  const rough = Math.max(1e-9, span / 100)
  const power = 10 ** Math.floor(Math.log10(rough))
  const lead = rough / power
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power
}
