import { test } from 'vitest'
import { expectAllToHold } from './all-hold.ts'

// Worlds are shared out to several files, so that every processor has some of them.
test('the product keeps its promises in worlds 151 to 200', () => expectAllToHold(151, 200), 600_000)
