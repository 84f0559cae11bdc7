import type { ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { useAddress } from '../../app/address'
import { Choose } from './choose'
import { ChannelDetail, OneChannel } from './detail'
import { ChannelList } from './list'

/** `/channels/:name?`: by what people are told, and whether it works. */
export function Page(): ReactElement {
  const { name } = usePlace()
  const [address] = useAddress({ new: '' })
  if (name !== undefined) return <ChannelDetail key={name} name={name} />
  if (address.new === '') return <ChannelList />
  return address.new === '1' ? <Choose /> : <OneChannel key={address.new} item={undefined} typeName={address.new} />
}
