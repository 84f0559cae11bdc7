import { useAsk, type Answer } from '../api/ask'
import { useSay } from '../words/say'
import { useAmounts } from './amounts'
import { useNow } from './moment'

/** What the stream does not tell: that events go on coming. Milliseconds. */
const againMs = 15_000

/** Nothing fires: which proves nothing unless something is heard and watched. `undefined`: that is not known yet. */
export function useQuietSentence(): { readonly sentence: string | undefined; readonly last: Answer<'/api/v1/start'>['lastEvent'] } {
  const say = useSay()
  const { ago } = useAmounts()
  const now = useNow()
  const { data: start } = useAsk('/api/v1/start', {}, { everyMs: againMs })
  const { data: builtIn } = useAsk('/api/v1/built-in-rules')
  const { data: own } = useAsk('/api/v1/rules')
  if (start === undefined || builtIn === undefined || own === undefined) return { sentence: undefined, last: start?.lastEvent }
  const names = new Set(builtIn.items.map(({ name }) => name))
  const watching = builtIn.items.filter(({ on }) => on).length + own.items.filter(({ name, value }) => !names.has(name) && isOn(value)).length
  const last = start.lastEvent
  return { sentence: say('alerts.quiet', { event: last === undefined ? 'none' : 'some', ago: last === undefined ? '' : ago(Math.min(last.atMs, now), now), rules: watching }), last }
}

function isOn(rule: unknown): boolean {
  return typeof rule !== 'object' || rule === null || Reflect.get(rule, 'enabled') !== false
}
