import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { parseSearch, stringifySearch } from './address'
import { pages, type Page } from './pages'
import { Entry } from './entry'
import { Nothing } from './nothing'
import { Shell } from './shell'
import { ofPage } from './page-gate'

const root = createRootRoute({ component: Outlet, notFoundComponent: Nothing })

const outside = [
  createRoute({ getParentRoute: () => root, path: '/', component: Entry }),
  createRoute({ getParentRoute: () => root, path: '/login', component: lazyRouteComponent(async () => import('../pages/login/page'), 'LoginPage') }),
  createRoute({ getParentRoute: () => root, path: '/welcome', component: lazyRouteComponent(async () => import('../pages/login/welcome'), 'WelcomePage') }),
  createRoute({ getParentRoute: () => root, path: '/join', component: lazyRouteComponent(async () => import('../pages/login/welcome'), 'JoinPage') }),
  createRoute({ getParentRoute: () => root, path: '/reset', component: lazyRouteComponent(async () => import('../pages/login/welcome'), 'ResetPage') }),
]

const project = createRoute({ getParentRoute: () => root, path: '/p/$project', component: Shell, notFoundComponent: Nothing })

const inside = pages.map((page: Page) => createRoute({ getParentRoute: () => project, path: page.path, component: ofPage(page) }))

export const router = createRouter({
  routeTree: root.addChildren([...outside, project.addChildren(inside)]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: true,
})
