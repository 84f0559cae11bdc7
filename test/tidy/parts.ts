/** A source file taken apart as far as the rules need it. */
export interface Parts {
  /** The text with comments and the insides of strings blanked, at the same positions. */
  readonly code: string
  /** What stands in strings and in the fixed parts of templates. */
  readonly strings: readonly { readonly index: number; readonly value: string }[]
}

/**
 * Tells code from comments, strings, templates and regular expressions. Not a parser: it has to know only where these
 * begin and end, and a compiler interface that could tell more does not exist for TypeScript 7 yet.
 */
export function partsOf(text: string): Parts {
  const kept: string[] = []
  const strings: { index: number; value: string }[] = []
  const templateDepths: number[] = []
  let depth = 0
  let index = 0

  const keep = (count: number): void => {
    for (const end = index + count; index < end; index++) kept[index] = text.charAt(index)
  }
  const blankTo = (end: number): void => {
    for (; index < Math.min(end, text.length); index++) kept[index] = text.charAt(index) === '\n' ? '\n' : ' '
  }
  const templatePart = (): void => {
    const end = endOfTemplatePart(text, index)
    strings.push({ index, value: text.slice(index, end) })
    blankTo(end)
    if (text.startsWith('${', index)) {
      templateDepths.push(depth)
      depth++
      keep(2)
    } else keep(1)
  }

  while (index < text.length) {
    const character = text.charAt(index)
    if (text.startsWith('//', index)) blankTo(endOr(text.indexOf('\n', index), text.length))
    else if (text.startsWith('/*', index)) blankTo(endOr(text.indexOf('*/', index + 2), text.length - 2) + 2)
    else if (character === '"' || character === "'") {
      const end = endOfString(text, index + 1, character)
      strings.push({ index: index + 1, value: text.slice(index + 1, end) })
      keep(1)
      blankTo(end)
      keep(1)
    } else if (character === '`') {
      keep(1)
      templatePart()
    } else if (character === '}' && templateDepths.at(-1) === depth - 1) {
      templateDepths.pop()
      depth--
      keep(1)
      templatePart()
    } else if (character === '/' && mayBeginExpression(kept, index)) blankTo(endOfExpression(text, index + 1))
    else {
      if (character === '{') depth++
      if (character === '}') depth--
      keep(1)
    }
  }
  return { code: kept.join(''), strings }
}

function endOr(found: number, otherwise: number): number {
  return found === -1 ? otherwise : found
}

function endOfString(text: string, from: number, quote: string): number {
  let index = from
  while (index < text.length && text.charAt(index) !== quote && text.charAt(index) !== '\n') index += text.charAt(index) === '\\' ? 2 : 1
  return index
}

function endOfTemplatePart(text: string, from: number): number {
  let index = from
  while (index < text.length && text.charAt(index) !== '`' && !text.startsWith('${', index)) index += text.charAt(index) === '\\' ? 2 : 1
  return index
}

function endOfExpression(text: string, from: number): number {
  let inClass = false
  let index = from
  for (; index < text.length && text.charAt(index) !== '\n'; index++) {
    const character = text.charAt(index)
    if (character === '\\') index++
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) return index + 1
  }
  return index
}

/** A slash divides after a value; elsewhere a regular expression begins. */
function mayBeginExpression(kept: readonly string[], index: number): boolean {
  const before = kept.slice(Math.max(0, index - 40), index).join('').trimEnd()
  return before === '' || /[(,=:[!&|?{};+\-*%~^<>]$/.test(before) || /(?:^|[^\w$.])(?:return|typeof|case|in|of|await|yield|throw)$/.test(before)
}
