import { test } from 'vitest'
import { expectAllToHold } from './all-hold.ts'

// Worlds are shared out to several files, so that every processor has some of them.
test('the product keeps its promises in worlds 101 to 150', () => expectAllToHold(101, 150), 600_000)
