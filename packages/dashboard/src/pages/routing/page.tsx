import { Grid, Tabs } from '@mantine/core'
import type { ReactElement } from 'react'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { ActButton } from '../../parts/act-button'
import { PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { testedDefaults, useRouted, type Lane } from './lanes'
import { OneRoute } from './one-route'
import { RouteList } from './route-list'
import { Rotations } from './rotations'
import classes from './routing.module.css'
import { Teams } from './teams'
import { Tester } from './tester'

const tabs = ['routes', 'teams', 'rotations'] as const

/** `/routing`: who would hear. */
export function Page(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const [address, setAddress] = useAddress({ tab: 'routes', route: '', team: '', rotation: '', new: '' })
  const tab = tabs.find((one) => one === address.tab) ?? 'routes'
  const reason = may('routes:write') ? undefined : say('routing.may-not', { role: say(`role.${role ?? 'viewer'}`) })
  return (
    <>
      <PageHead
        title={say('page.routing')}
        line={say('routing.line')}
        actions={
          tab === 'routes' && (
            <ActButton reason={reason} onClick={() => setAddress({ new: 'route', route: '' })}>
              {say('routing.new')}
            </ActButton>
          )
        }
      />
      <Tabs value={tab} keepMounted={false} onChange={(next) => setAddress({ tab: next ?? 'routes', route: '', team: '', rotation: '', new: '' })}>
        <Tabs.List mb="md">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {say(`routing.tab-${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="routes">
          <WithTester open={address.route !== '' ? address.route : address.new === 'route' ? undefined : null} />
        </Tabs.Panel>
        <Tabs.Panel value="teams">
          <Teams />
        </Tabs.Panel>
        <Tabs.Panel value="rotations">
          <Rotations />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

/** @param open the route that is edited; `undefined`: a new one; `null`: the list */
function WithTester({ open }: { readonly open: string | null | undefined }): ReactElement {
  const [tested, setTested] = useAddress(testedDefaults)
  const routed = useRouted(tested)
  const lanes: ReadonlyMap<string, Lane> = new Map((routed.error === null ? (routed.data?.routes ?? []) : []).map((lane) => [lane.route, lane]))
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 7 }}>{open === null ? <RouteList lanes={lanes} /> : <OneRoute key={open ?? ''} name={open} />}</Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <div className={classes['beside']}>
          <Tester tested={tested} change={(part) => setTested(part, { replace: true })} routed={routed} />
        </div>
      </Grid.Col>
    </Grid>
  )
}
