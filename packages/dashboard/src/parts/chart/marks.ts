/** Colours that keep 3.7:1 against their ground, and apart from each other for people who see colours otherwise; shapes and dashes say the same. */
export interface Marks {
  readonly value: string
  readonly warning: string
  readonly critical: string
  readonly unpriced: string
  readonly ink: string
  readonly grid: string
}

export const marks: Readonly<Record<'light' | 'dark', Marks>> = {
  light: { value: '#0072B2', warning: '#C07000', critical: '#8E1B2E', unpriced: '#6B7680', ink: '#4a5560', grid: '#e4e8ec' },
  dark: { value: '#56B4E9', warning: '#F0B429', critical: '#FF7A6B', unpriced: '#8A949E', ink: '#a9b3bc', grid: '#30373e' },
}

export const dashes = { forecast: [7, 5], warning: [8, 4], critical: [2, 3], pace: [1, 6] } as const

/** Share of colour in an area behind lines. */
export const bandAlpha = { expected: 0.16, forecast: 0.14 } as const

export function withAlpha(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255).toString(16).padStart(2, '0')}`
}
