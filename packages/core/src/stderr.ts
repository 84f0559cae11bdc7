const descriptor = 2

/**
 * One line for the operator. Written to the descriptor itself: streams are no longer flushed in an exit handler, and a closed
 * pipe is an error here and not an event that ends the agent.
 */
export function tellOperator(text: string): void {
  try {
    // Importing it would load all of it, promises too, into every agent: 3 ms of the import.
    process.getBuiltinModule('node:fs').writeSync(descriptor, `tocsin: ${text}\n`)
  } catch (unwritable) {
    noteUnwritable(unwritable)
  }
}

/** Nobody reads standard error: there is no other place to say so, and the agent goes on. */
function noteUnwritable(_reason: unknown): void {}
