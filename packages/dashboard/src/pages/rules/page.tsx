import type { ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { useAddress } from '../../app/address'
import { OwnEditor, RuleDetail } from './editor'
import { RuleList } from './list'

/** `/rules/:name?`: what is looked for, what of it is noisy, and what a change of it would have told. */
export function Page(): ReactElement {
  const { name } = usePlace()
  const [address] = useAddress({ new: '' })
  if (name !== undefined) return <RuleDetail key={name} name={name} />
  return address.new === '' ? <RuleList /> : <OwnEditor key="" entry={undefined} />
}
