import { createSpendDetector } from '../packages/core/src/rules/spend-anomaly/detector.ts'

/** The form that the scorer of `spend.ts` asks for: a detector that takes the time as `YYYY-MM-DD HH:MM:SS`, in UTC. */
export const create = (): { step(value: number, time: string): number } => {
  const detector = createSpendDetector()
  return { step: (value, time) => detector.step(value, Date.parse(`${time.replace(' ', 'T')}Z`)).score }
}
