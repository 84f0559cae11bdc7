import type { ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { useAddress } from '../../app/address'
import { OnePerson, PersonDetail } from './detail'
import { PeopleList } from './list'

/** `/people/:name?`: who could be told, and by what. */
export function Page(): ReactElement {
  const { name } = usePlace()
  const [address] = useAddress({ new: '' })
  if (name !== undefined) return <PersonDetail key={name} name={name} />
  return address.new === '' ? <PeopleList /> : <OnePerson item={undefined} />
}
