import { channelTypes } from '../channels/registry.ts'
import { channelSuite } from './channel-suite.ts'
import { channelWorlds } from './channel-worlds.ts'

/** Runs the contract of channels against one of the registry. */
export function holdToContract(name: string): void {
  const type = channelTypes.get(name)
  const world = channelWorlds.get(name)
  if (type === undefined || world === undefined) throw new Error(`expected a channel of the registry with its other side in testing/channel-worlds.ts, found "${name}"`)
  channelSuite(type, world)
}
