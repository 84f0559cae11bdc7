import { ActionIcon, AppShell, Burger, Group, Menu, NavLink, ScrollArea, Select, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { setProject } from '../api/client'
import { LiveUpdates, useLive } from '../api/live'
import { useMay, useMe } from '../api/me'
import { ariaKeys, useKeys, type KeyAct } from '../keys/keys'
import { KeyHelp } from '../keys/help'
import { Palette } from '../keys/palette'
import { useAmounts } from '../parts/amounts'
import { useAnnounced } from '../parts/toasts'
import { localeNames, locales, type Locale } from '../words/catalogues'
import { useLocale, useSay } from '../words/say'
import { keep } from './kept'
import { LogInAgain } from './log-in-again'
import { listPath, pages, type Page } from './pages'
import { useProject } from './project'
import { useSamePerson } from './same-person'
import classes from './shell.module.css'
import { useLogOut } from './log-out'

const groups = ['watch', 'shape', 'admin'] as const

/** What surrounds every page of a project: navigation, language, colours, the palette, and what is live. */
export function Shell(): ReactElement | null {
  const project = useProject()
  // As it was at first: on the way to the login the address is that of the login.
  const [wanted] = useState(useLocation().href)
  const navigate = useNavigate()
  const me = useMe()
  // Before the first question of a page is asked.
  setProject(project)
  useEffect(() => keep('project', project), [project])
  useSamePerson()
  // Who never was logged in goes to the page for it; whose session ended meanwhile stays, and loses nothing.
  const isOut = me.error?.status === 401 && me.data === undefined
  useEffect(() => {
    if (isOut) void navigate({ to: '/login', search: { next: wanted }, replace: true })
  }, [isOut, navigate, wanted])
  if (isOut) return null
  return (
    <LiveUpdates>
      <Frame />
      <LogInAgain />
    </LiveUpdates>
  )
}

function Frame(): ReactElement {
  const say = useSay()
  const project = useProject()
  const [isOpen, menu] = useDisclosure(false)
  const location = useLocation()
  const navigate = useNavigate()
  const main = useRef<HTMLElement>(null)
  const { pathname } = location
  useEffect(menu.close, [pathname, menu.close])
  const goes = pages.filter(({ key }) => key !== undefined).map((page): KeyAct => ({ keys: `g ${page.key}`, word: page.word, group: 'go', run: () => void navigate({ to: `/p/${project}${listPath(page)}` }) }))
  useKeys(goes)
  return (
    <AppShell header={{ height: 52 }} navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }} padding="md">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        {say('shell.skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={isOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={say('shell.menu')} aria-expanded={isOpen} />
          <Link to={`/p/${project}/`} className={classes['brand']} aria-label={`Tocsin · ${say('page.overview')}`}>
            <img src="/favicon.svg" alt="" width={24} height={24} />
            <Text fw={700} visibleFrom="xs">
              Tocsin
            </Text>
          </Link>
          <Projects />
          <Stale />
          <Group gap={4} ml="auto" wrap="nowrap">
            <Palette />
            <KeyHelp />
            <Colours />
            <Who />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={say('shell.pages')}>
        <ScrollArea type="hover">
          {groups.map((group) => (
            <Pages key={group} group={group} />
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes['main']}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}

function Pages({ group }: { readonly group: Page['group'] }): ReactElement | null {
  const say = useSay()
  const may = useMay()
  const project = useProject()
  const { pathname } = useLocation()
  const shown = pages.filter((page) => page.group === group && (page.needs === undefined || may(page.needs)))
  if (shown.length === 0) return null
  return (
    <div role="group" aria-label={say(`shell.${group === 'watch' || group === 'shape' ? group : 'admin'}`)}>
      <Text size="xs" c="dimmed" mt="sm" mb={4} px="sm" aria-hidden="true">
        {say(`shell.${group === 'watch' || group === 'shape' ? group : 'admin'}`)}
      </Text>
      {shown.map((page) => {
        const to = `/p/${project}${listPath(page)}`
        const isHere = page.path === '/' ? pathname === `/p/${project}` || pathname === to : pathname === to || pathname.startsWith(`${to}/`)
        return <NavLink key={page.path} component={Link} to={to} activeOptions={{ exact: true, includeSearch: false }} activeProps={{}} label={say(page.word)} active={isHere} {...(isHere && { 'aria-current': 'page' as const })} {...(page.key !== undefined && { 'aria-keyshortcuts': ariaKeys(`g ${page.key}`) })} className={classes['link'] ?? ''} />
      })}
    </div>
  )
}

function Projects(): ReactElement | null {
  const say = useSay()
  const project = useProject()
  const navigate = useNavigate()
  const { data: me } = useMe()
  const names = me?.projects.map(({ name }) => name) ?? []
  if (names.length < 2)
    return (
      <Text size="sm" c="dimmed" truncate visibleFrom="xs">
        {project}
      </Text>
    )
  return <Select size="xs" w={{ base: 110, sm: 180 }} aria-label={say('shell.project')} data={names} value={project} allowDeselect={false} searchable={names.length > 8} onChange={(name) => name !== null && void navigate({ to: '/p/$project', params: { project: name } })} />
}

function Stale(): ReactElement | null {
  const say = useSay()
  const { staleSinceMs } = useLive()
  const { time } = useAmounts()
  const text = staleSinceMs === undefined ? undefined : say('state.stale', { time: time(staleSinceMs) })
  useAnnounced(text)
  if (text === undefined) return null
  return (
    <Text size="xs" c="orange" truncate data-state="stale">
      {text}
    </Text>
  )
}

function Colours(): ReactElement {
  const say = useSay()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const next = colorScheme === 'auto' ? 'light' : colorScheme === 'light' ? 'dark' : 'auto'
  const signs = { auto: '◐', light: '☼', dark: '☾' } as const
  const label = say('state.named', { name: say('shell.colours'), text: say(`colours.${colorScheme}`) })
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} title={label} onClick={() => setColorScheme(next)}>
      <span aria-hidden="true">{signs[colorScheme]}</span>
    </ActionIcon>
  )
}

function Who(): ReactElement {
  const say = useSay()
  const project = useProject()
  const { locale, choose } = useLocale()
  const { data: me } = useMe()
  const logOut = useLogOut()
  return (
    <Menu position="bottom-end" width={220} withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes['who'] ?? ''} aria-label={say('shell.account')}>
          <span aria-hidden="true">{(me?.name ?? '·').slice(0, 1).toUpperCase()}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label style={{ overflowWrap: 'anywhere' }}>
          <bdi>{me?.name}</bdi>
        </Menu.Label>
        <Menu.Item component={Link} to={`/p/${project}/me`}>
          {say('page.me')}
        </Menu.Item>
        <Menu.Item component={Link} to={`/p/${project}/start`}>
          {say('page.start')}
        </Menu.Item>
        <Menu.Divider />
        {locales.map((one: Locale) => (
          <Menu.Item key={one} lang={one} onClick={() => choose({ locale: one })} rightSection={one === locale ? '✓' : undefined}>
            {localeNames[one]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={logOut}>{say('act.log-out')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
