/** In this order: whoever is made of another names that too. */
const names = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+)\S* .*Safari\//],
] as const

const shownMax = 40

/** Of what a browser says of itself the part that a person knows, such as `Edge 131`. */
export function browserOf(userAgent: string | undefined): string | undefined {
  if (userAgent === undefined) return undefined
  for (const [name, form] of names) {
    const version = form.exec(userAgent)?.[1]
    if (version !== undefined) return `${name} ${version}`
  }
  return userAgent.slice(0, shownMax)
}
