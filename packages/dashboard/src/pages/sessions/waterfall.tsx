import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual'
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react'
import { useKeys } from '../../keys/keys'
import { useAmounts } from '../../parts/amounts'
import { useSay, type Say } from '../../words/say'
import classes from './sessions.module.css'
import type { Step } from './steps'

interface WaterfallProps {
  readonly steps: readonly Step[]
  /** From when to when the session ran. */
  readonly fromMs: number
  readonly untilMs: number
  readonly chosen: string
  readonly choose: (id: string) => void
  readonly seesCost: boolean
  readonly causeId: string | undefined
}

const rowPx = 34
const aboveRowPx = 140
const indentMax = 12

/** The calls of a session over its time, one below the other: `j k` and the arrows go from step to step. Of ten thousand only what is seen exists. */
export function Waterfall({ steps, fromMs, untilMs, chosen, choose, seesCost, causeId }: WaterfallProps): ReactElement {
  const say = useSay()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const { duration, money } = useAmounts()
  const [marginPx, setMarginPx] = useState(0)
  // What stands above may grow at any time; the same number again draws nothing.
  useLayoutEffect(() => setMarginPx(Math.round((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY)))
  const at = steps.findIndex((step) => step.id === chosen)
  const virtualizer = useWindowVirtualizer<HTMLDivElement>({
    count: steps.length,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollMargin: marginPx,
    scrollPaddingStart: aboveRowPx,
    scrollPaddingEnd: 2 * rowPx,
    getItemKey: (index) => steps[index]?.id ?? index,
    // The chosen one is what the list says it stands at.
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range)
      return at < 0 || shown.includes(at) ? shown : [...shown, at].sort((one, other) => one - other)
    },
  })
  const reveal = useRef('')
  useEffect(() => {
    // Where it stood changes as more steps come in before it; what was revealed once is left where its reader put it.
    if (at < 0 || reveal.current === chosen) return
    reveal.current = chosen
    virtualizer.scrollToIndex(at, { align: 'auto' })
  }, [at, chosen, virtualizer])

  const go = (to: number): void => {
    const step = steps[Math.min(steps.length - 1, Math.max(0, to))]
    if (step !== undefined) choose(step.id)
  }
  useKeys([
    { keys: 'j', word: 'keys.next', group: 'list', run: () => go(at + 1) },
    { keys: 'k', word: 'keys.previous', group: 'list', run: () => go(at - 1) },
  ])
  const pressed = (event: KeyboardEvent): void => {
    const steppedTo: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: steps.length - 1 }
    const to = steppedTo[event.key]
    if (to === undefined) return
    event.preventDefault()
    go(to)
  }
  const spanMs = Math.max(1, untilMs - fromMs)
  const share = (ms: number): string => `${Math.min(100, Math.max(0, ((ms - fromMs) / spanMs) * 100)).toFixed(3)}%`
  return (
    <>
    <div className={classes['axis']} aria-hidden="true">
      <span>{say('sessions.steps')}</span>
      <span className={classes['ticks']}>
        {[0, spanMs / 2, spanMs].map((ms) => (
          <span key={ms}>{ms === 0 ? '0' : duration(ms)}</span>
        ))}
      </span>
      <span className={classes['number']}>{say('sessions.length')}</span>
      <span className={`${classes['number']} ${classes['cost']}`}>{seesCost ? say('sessions.cost') : ''}</span>
    </div>
    <div
      ref={list} role="listbox" tabIndex={0} aria-label={say('sessions.steps')} className={classes['steps']} style={{ height: virtualizer.getTotalSize() }}
      onKeyDown={pressed} {...(at >= 0 && { 'aria-activedescendant': `${id}-${at}` })}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const step = steps[index]
        if (step === undefined) return null
        const startMs = step.atMs - step.durationMs
        const isBad = step.status === 'error'
        const isCause = step.id === causeId
        const cost = step.llm === undefined || !seesCost ? '' : typeof step.llm['costNanoUsd'] === 'number' ? money(step.llm['costNanoUsd']) : say('sessions.cost-unknown')
        return (
          <div
            key={key} id={`${id}-${index}`} role="option" aria-selected={index === at} aria-posinset={index + 1} aria-setsize={steps.length} data-step={step.id} data-cause={isCause} className={classes['step']}
            style={{ transform: `translateY(${start - virtualizer.options.scrollMargin}px)` }} onClick={() => choose(step.id)}
          >
            <span className={classes['name']} style={{ paddingInlineStart: `${0.6 * Math.min(indentMax, Math.max(0, (step.depth ?? 1) - 1))}rem` }}>
              {isCause && <strong className={classes['bad']}>{say('sessions.cause-mark')} </strong>}
              <span className={isBad ? classes['bad'] : undefined}>
                {isBad && <span aria-label={say('sessions.failed-mark')}>✗ </span>}
                <bdi>{nameOf(step, say)}</bdi>
              </span>
            </span>
            <span className={classes['track']} aria-hidden="true">
              <span className={classes['bar']} data-type={step.type} data-bad={isBad} style={{ insetInlineStart: share(startMs), width: `${Math.max(0, (step.durationMs / spanMs) * 100).toFixed(3)}%`, maxWidth: `calc(100% - ${share(startMs)})` }} />
            </span>
            <span className={classes['number']}>{step.durationMs > 0 ? duration(step.durationMs) : ''}</span>
            <span className={`${classes['number']} ${classes['cost']}`}>{cost}</span>
          </div>
        )
      })}
    </div>
    </>
  )
}

/** What a reader calls it: the model, the tool, else its own name. */
export function nameOf({ type, name, llm, tool }: Step, say: Say): string {
  if (llm !== undefined) return llm.model
  if (tool !== undefined) return tool.name
  if (type === 'session.start') return say('sessions.step-start')
  if (type === 'session.end') return say('sessions.step-end')
  return name ?? type
}
