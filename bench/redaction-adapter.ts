import { createRedactor } from '../packages/core/src/model/redact.ts'

/** The form that the scorer of `yardstick.ts` asks for. */
export default createRedactor({ personalData: true })
