import { test } from 'vitest'
import { expectAllToHold } from './all-hold.ts'

// Worlds are shared out to several files, so that every processor has some of them.
test('the product keeps its promises in worlds 51 to 100', () => expectAllToHold(51, 100), 600_000)
