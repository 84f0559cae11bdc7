import type { ReactElement } from 'react'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { PageLink } from '../../app/page-link'
import { useKeys } from '../../keys/keys'
import { Card } from '../../parts/card'
import { EntryForm } from '../../parts/entry-form'
import { Asked, Empty } from '../../parts/states'
import { useSay } from '../../words/say'
import { RouteFields } from './route-fields'
import { useRoutes, type RouteValue } from './routes'

/** The form of one route, in the place of the list; the tester stays beside it. */
export function OneRoute({ name }: { readonly name: string | undefined }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const routes = useRoutes()
  const [, setAddress] = useAddress({ route: '', new: '' })
  const back = (): void => setAddress({ route: '', new: '' })
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'page', run: back }])
  return (
    <Asked of={routes} what={say('page.routing')}>
      {({ items }) => {
        const item = items.find((one) => one.name === name)
        const link = <PageLink to="/routing" size="sm">{say('routing.back')}</PageLink>
        if (name !== undefined && item === undefined) return <Empty action={link}>{say('routing.missing', { name })}</Empty>
        return (
          <Card title={item === undefined ? say('routing.new') : `${say('routing.one')} ${item.name}`} beside={link}>
            <EntryForm<RouteValue>
              key={item?.name ?? ''}
              path="/api/v1/routes"
              entry={item}
              blank={{ match: 'true', to: [], via: [] }}
              noun={say('routing.one')}
              reason={may('routes:write') ? undefined : say('routing.may-not', { role: say(`role.${role ?? 'viewer'}`) })}
              live={['/match', '/groupBy', '/groupWait', '/groupInterval', '/repeatInterval', '/digest', '/via/after']}
              onSaved={back}
              onRemoved={back}
              onCancel={back}
            >
              {(form) => <RouteFields form={form} />}
            </EntryForm>
          </Card>
        )
      }}
    </Asked>
  )
}
