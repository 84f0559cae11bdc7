import type { ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { useAddress } from '../../app/address'
import { BudgetDetail } from './detail'
import { BudgetList } from './list'

/** `/budgets/:name?`: what is over, and what will be when. */
export function Page(): ReactElement {
  const { name } = usePlace()
  const [address] = useAddress({ new: '' })
  if (name !== undefined) return <BudgetDetail key={name} name={name} />
  return address.new === '' ? <BudgetList /> : <BudgetDetail key="" name={undefined} />
}
