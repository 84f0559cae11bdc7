import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'

/** Of texts alone: what stands after the `?`, as a person can read and change it. */
export type Address = Readonly<Record<string, string>>

/**
 * State that lives in the address: filters, tabs, sorting, what is selected. What is as by default does not stand there.
 *
 * @example const [address, setAddress] = useAddress({ state: 'firing', agent: '' })
 */
export function useAddress<Shape extends Address>(defaults: Shape): readonly [Shape, (change: Partial<Shape>, how?: { readonly replace?: boolean }) => void] {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false })
  const navigate = useNavigate()
  const given = JSON.stringify(defaults)
  const address = useMemo(() => {
    // Reason for the casts, here and below: what was made of texts, and of the keys of the shape.
    const known = JSON.parse(given) as Shape
    return Object.fromEntries(Object.entries(known).map(([key, value]) => [key, textOf(search[key]) ?? value])) as Shape
  }, [given, search])
  const change = useCallback(
    (part: Partial<Shape>, { replace = false }: { readonly replace?: boolean } = {}) => {
      const known = JSON.parse(given) as Shape
      void navigate({
        to: '.',
        replace,
        resetScroll: false,
        search: (before: Readonly<Record<string, unknown>>) => {
          const after: Record<string, unknown> = { ...before, ...part }
          for (const [key, value] of Object.entries(after)) if (value === known[key] || (value === '' && !Object.hasOwn(known, key))) delete after[key]
          return after
        },
      } as Parameters<typeof navigate>[0])
    },
    [given, navigate],
  )
  return [address, change]
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** `?state=firing,acknowledged` and not JSON. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(search).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as [string, string]] : []))
  const text = new URLSearchParams(pairs).toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}
