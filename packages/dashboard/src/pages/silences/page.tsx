import { Tabs } from '@mantine/core'
import type { ReactElement } from 'react'
import { useMay, useRole } from '../../api/me'
import { useAddress } from '../../app/address'
import { ActButton } from '../../parts/act-button'
import { PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Maintenance } from './maintenance'
import { NewSilence } from './new-silence'
import { SilenceList } from './silence-list'

const tabs = ['silences', 'maintenance'] as const

/** `/silences`: what is not told, until when and why. */
export function Page(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const [address, setAddress] = useAddress({ tab: 'silences', new: '', window: '' })
  const tab = tabs.find((one) => one === address.tab) ?? 'silences'
  const reason = may('silences:write') ? undefined : say('silences.may-not', { role: say(`role.${role ?? 'viewer'}`) })
  return (
    <>
      <PageHead
        title={say('page.silences')}
        line={say('silences.line')}
        actions={
          <ActButton reason={reason} onClick={() => setAddress({ tab: 'silences', new: 'silence', window: '' })}>
            {say('silences.new')}
          </ActButton>
        }
      />
      <Tabs value={tab} keepMounted={false} onChange={(next) => setAddress({ tab: next ?? 'silences', new: '', window: '' })}>
        <Tabs.List mb="md">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {say(`silences.tab-${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="silences">{address.new === 'silence' ? <NewSilence /> : <SilenceList />}</Tabs.Panel>
        <Tabs.Panel value="maintenance">
          <Maintenance />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
