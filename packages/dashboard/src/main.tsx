import '@mantine/core/styles.css'
import './app/app.css'
import { MantineProvider } from '@mantine/core'
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ProblemError } from './api/client'
import { router } from './app/router'
import { colorSchemeManager, theme, variables } from './app/theme'
import { Keys } from './keys/keys'
import { Toasts } from './parts/toasts'
import { loadCatalogue } from './words/catalogues'
import { firstLocale, Speech } from './words/say'

/** How often what failed is asked again by itself: only what may pass by itself. */
const tries = 2
const freshMs = 5_000

const client = new QueryClient({
  mutationCache: new MutationCache(),
  defaultOptions: {
    queries: {
      staleTime: freshMs,
      retry: (failures, error) => failures < tries && error instanceof ProblemError && (error.status === 0 || error.status === 429 || error.status === 503),
      retryDelay: (failures, error) => (error instanceof ProblemError && error.retryAfterSeconds !== undefined ? Math.min(30, error.retryAfterSeconds) * 1_000 : 500 * 2 ** failures),
      refetchOnWindowFocus: true,
    },
  },
})

const locale = firstLocale()
const catalogue = await loadCatalogue(locale)
// The first requests ask in this language, before anything is drawn.
document.documentElement.lang = locale
const root = document.getElementById('root')
if (root === null) throw new Error('expected an element #root in index.html')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" colorSchemeManager={colorSchemeManager}>
      <QueryClientProvider client={client}>
        <Speech first={{ locale, catalogue }}>
          <Keys>
            <Toasts>
              <RouterProvider router={router} />
            </Toasts>
          </Keys>
        </Speech>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
