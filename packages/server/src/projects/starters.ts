import { defaultChannels, starterBudget, starterRouting, type Audience } from 'tocsin/engine'
import { ownBegun, ownOf, type Asker } from '../own/own-person.ts'
import type { CheckedChange, Configuration } from './configuration.ts'
import { kindOf, type KindName } from './kinds.ts'

export interface StarterWishes {
  /** By which people are told. @default all that are configured */
  readonly channels?: readonly string[] | undefined
  /** Of a month. @default none */
  readonly budgetUsd?: number | undefined
}

/** What a starter would make of a project as it is. */
export interface Starter {
  readonly name: Audience
  readonly things: readonly CheckedChange[]
  /** Why it is not for this project, for people. */
  readonly why?: string
}

/** What works at once and without an account, where there is no channel yet. */
const firstChannel = Object.entries(defaultChannels).find(([name]) => name === 'inbox')

/** A first configuration beside what is there: nothing is replaced. */
export async function starterFor(configuration: Configuration, asker: Asker, name: Audience, wishes: StarterWishes): Promise<Starter> {
  const { project } = asker
  const namesOf = async (kind: KindName): Promise<readonly string[]> => (await configuration.list(project.name, kindOf(kind))).items.filter(({ origin }) => origin !== 'default').map((item) => item.name)
  const [channels, people, routes] = [await namesOf('channels'), await namesOf('people'), await namesOf('routes')]
  const own = (await ownOf(configuration, asker)) === undefined && asker.by.principal.email !== undefined ? ownBegun(asker, Object.keys(project.config.people)) : undefined
  const everyone = [...people, ...(own === undefined ? [] : [own.name])]
  const made = channels.length === 0 && firstChannel !== undefined ? [{ kind: kindOf('channels'), name: firstChannel[0], value: firstChannel[1] }] : []
  const { teams = {}, rotations = {}, routes: routed = [], reports = [] } = starterRouting(name, { people: everyone, channels: wishes.channels ?? [...channels, ...made.map((one) => one.name)] })
  const things: readonly CheckedChange[] = [
    ...made,
    ...(own === undefined ? [] : [{ kind: kindOf('people'), ...own }]),
    ...(wishes.budgetUsd === undefined ? [] : [{ kind: kindOf('budgets'), name: 'month', value: starterBudget(wishes.budgetUsd) }]),
    ...Object.entries(teams).map(([team, value]) => ({ kind: kindOf('teams'), name: team, value })),
    ...Object.entries(rotations).map(([rotation, value]) => ({ kind: kindOf('rotations'), name: rotation, value })),
    ...routed.map((value) => ({ kind: kindOf('routes'), name: value.name, value })),
    ...reports.map((value) => ({ kind: kindOf('reports'), name: value.name, value })),
  ]
  const why = whyNot({ name, things, routes, everyone })
  return { name, things, ...(why !== undefined && { why }) }
}

function whyNot({ name, things, routes, everyone }: { readonly name: Audience; readonly things: readonly CheckedChange[]; readonly routes: readonly string[]; readonly everyone: readonly string[] }): string | undefined {
  if (name !== 'me' && routes.length > 0) return `There are routes already (${routes.slice(0, 5).join(', ')}): what comes after them might never be asked. Change those, or take them away first.`
  if (name !== 'me' && everyone.length === 0) return 'There is nobody to tell. Add people first.'
  return things.length === 0 ? 'Everything that it would make is there already.' : undefined
}
