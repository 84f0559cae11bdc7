import { createTheme, localStorageColorSchemeManager, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

/** Contrast of 4.5:1 with white from the fifth on. */
const signal: MantineColorsTuple = ['#e8f3fc', '#cfe4f7', '#9cc7ee', '#66a9e5', '#3c8fdd', '#1f76cc', '#0b5cad', '#084a8c', '#06396c', '#04294e']

export const theme = createTheme({
  primaryColor: 'signal',
  // On both white letters keep 4.5:1: which letters a button has is chosen once for both themes.
  primaryShade: { light: 6, dark: 5 },
  colors: { signal },
  autoContrast: true,
  // Where black and white letters contrast alike.
  luminanceThreshold: 0.179,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
})

const light = {
  '--mantine-color-dimmed': '#5c6670',
  '--mantine-color-placeholder': '#5c6670',
  '--mantine-color-error': '#c92a2a',
  '--mantine-color-red-text': '#c92a2a',
  '--mantine-color-orange-text': '#b34700',
  '--mantine-color-green-text': '#1f6b2f',
  '--mantine-color-red-light-color': '#a61e1e',
  '--mantine-color-orange-light-color': '#9c3c00',
  '--mantine-color-yellow-light-color': '#7a4d00',
  '--mantine-color-green-light-color': '#1f6b2f',
  '--mantine-color-teal-light-color': '#066649',
}
const dark = { '--mantine-color-dimmed': '#a9b3bc', '--mantine-color-placeholder': '#a9b3bc', '--mantine-color-error': '#ff8787', '--mantine-color-anchor': '#7ab6ec' }

/** Quiet text, faults, badges and links keep 4.5:1 against their grounds. */
export const variables: CSSVariablesResolver = () => ({ variables: {}, light, dark })

/** The same place that `first-paint.js` reads. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'tocsin-theme' })
