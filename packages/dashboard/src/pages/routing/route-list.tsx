import { ActionIcon, Badge, Group, Text, Tooltip, VisuallyHidden } from '@mantine/core'
import { useId, useState, type DragEvent, type ReactElement } from 'react'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { ActButton } from '../../parts/act-button'
import { Asked, Empty } from '../../parts/states'
import { Given } from '../../parts/given'
import { useStepThrough } from '../../parts/step-through'
import { useSay } from '../../words/say'
import type { Lane } from './lanes'
import { useOrder, useRoutes, type Route, type RouteValue } from './routes'
import { listed } from '../../words/sentences'
import classes from './routing.module.css'

/** The routes in the order in which they are asked; each lights up as the tested alert reaches it. */
export function RouteList({ lanes }: { readonly lanes: ReadonlyMap<string, Lane> }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const routes = useRoutes()
  const order = useOrder()
  const list = useStepThrough<HTMLOListElement>('[data-route]')
  const [, setAddress] = useAddress({ new: '' })
  const [dragged, setDragged] = useState<string>()
  const [over, setOver] = useState<string>()
  const reason = may('routes:write') ? undefined : say('routing.may-not', { role: say(`role.${role ?? 'viewer'}`) })
  const create = (
    <ActButton variant="default" reason={reason} onClick={() => setAddress({ new: 'route' })}>
      {say('routing.new')}
    </ActButton>
  )
  return (
    <Asked of={routes} what={say('page.routing')}>
      {({ items, etag }) => {
        const names = items.filter(({ origin }) => origin === 'api').map(({ name }) => name)
        const put = (name: string, to: number): void => {
          const rest = names.filter((one) => one !== name)
          const next = [...rest.slice(0, to), name, ...rest.slice(to)]
          if (next.join('\n') !== names.join('\n')) order.mutate({ names: next, moved: name, etag, before: names })
        }
        const drop = (event: DragEvent, name: string): void => {
          event.preventDefault()
          if (dragged !== undefined && dragged !== name) put(dragged, names.indexOf(name))
          setDragged(undefined)
          setOver(undefined)
        }
        if (items.length === 0) return <Empty action={create}>{say('routing.empty')}</Empty>
        return (
          <ol ref={list} className={classes['routes']} aria-label={say('routing.tab-routes')}>
            {items.map((route, index) => {
              const place = names.indexOf(route.name)
              const canMove = route.origin === 'api' && reason === undefined
              return (
                <li
                  key={route.name}
                  className={classes['route']}
                  data-route={route.name}
                  data-verdict={lanes.get(route.name)?.verdict}
                  data-over={over === route.name}
                  draggable={canMove}
                  onDragStart={(event) => {
                    event.dataTransfer.effectAllowed = 'move'
                    event.dataTransfer.setData('text/plain', route.name)
                    setDragged(route.name)
                  }}
                  onDragEnd={() => {
                    setDragged(undefined)
                    setOver(undefined)
                  }}
                  onDragOver={(event) => {
                    if (dragged === undefined || place < 0) return
                    event.preventDefault()
                    setOver(route.name)
                  }}
                  onDrop={(event) => drop(event, route.name)}
                >
                  <span className={classes['number']} aria-hidden="true" title={canMove ? say('routing.drag') : undefined}>
                    {index + 1}
                  </span>
                  <OneRoute route={route} lane={lanes.get(route.name)} />
                  <Group gap={2} wrap="nowrap" className={classes['moves'] ?? ''}>
                    <Step word="routing.up" sign="↑" name={route.name} why={reason ?? (route.origin === 'api' ? (place === 0 ? say('routing.first') : undefined) : say('state.read-only'))} run={() => put(route.name, place - 1)} />
                    <Step word="routing.down" sign="↓" name={route.name} why={reason ?? (route.origin === 'api' ? (place === names.length - 1 ? say('routing.last') : undefined) : say('state.read-only'))} run={() => put(route.name, place + 1)} />
                  </Group>
                </li>
              )
            })}
          </ol>
        )
      }}
    </Asked>
  )
}

function Step({ word, sign, name, why, run }: { readonly word: 'routing.up' | 'routing.down'; readonly sign: string; readonly name: string; readonly why: string | undefined; readonly run: () => void }): ReactElement {
  const say = useSay()
  const id = useId()
  const label = say(word, { name })
  return (
    <Tooltip label={why ?? label} events={{ hover: true, focus: true, touch: true }}>
      <ActionIcon variant="subtle" color="gray" size={28} aria-label={label} {...(why !== undefined && { 'data-disabled': true, 'aria-disabled': true, 'aria-describedby': id })} onClick={() => why === undefined && run()}>
        <span aria-hidden="true">{sign}</span>
        {why !== undefined && <VisuallyHidden id={id}>{why}</VisuallyHidden>}
      </ActionIcon>
    </Tooltip>
  )
}

function OneRoute({ route: { name, origin, value }, lane }: { readonly route: Route; readonly lane: Lane | undefined }): ReactElement {
  const say = useSay()
  const { match, to, via, digest, stop, required }: RouteValue = value
  const isInTurn = !Array.isArray(via)
  // Absent in what is written is all of them.
  const isAll = match === undefined || match === 'true'
  return (
    <div className={classes['about']}>
      <Group gap={6}>
        <PageLink to="/routing" search={{ route: name }} fw={600} size="sm">
          <Given>{name}</Given>
        </PageLink>
        {stop && <Tag>{say('routing.stop')}</Tag>}
        {required && <Tag>{say('routing.required')}</Tag>}
        {digest !== undefined && <Tag>{say('routing.digest')}</Tag>}
        {origin === 'file' && <Tag>{say('routing.in-file')}</Tag>}
      </Group>
      <Text size="xs" c="dimmed" ff={isAll ? undefined : 'monospace'}>
        <Given lines={2}>{isAll ? say('routing.all-alerts') : match}</Given>
      </Text>
      <Text size="xs">
        <Given>{say('routing.to', { list: listed(to) })}</Given> <Given>{say(isInTurn ? 'routing.via-first' : 'routing.via', { list: listed(isInTurn ? via.first : via) })}</Given>
      </Text>
      {lane !== undefined && (
        <Text size="xs" className={classes['lane'] ?? ''} data-verdict={lane.verdict}>
          <span aria-hidden="true">{lane.verdict === 'matches' ? '✓' : lane.verdict === 'fails' ? '▲' : '✕'}</span> <Given>{lane.sentence}</Given>
        </Text>
      )}
    </div>
  )
}

function Tag({ children }: { readonly children: string }): ReactElement {
  return (
    <Badge size="sm" variant="default" tt="none" fw={500}>
      {children}
    </Badge>
  )
}
