import type { SuiteWorld } from './channel-suite.ts'
import { consoleWorld } from './channel-worlds/console.ts'
import { discord } from './channel-worlds/discord.ts'
import { email } from './channel-worlds/email.ts'
import { inbox } from './channel-worlds/inbox.ts'
import { ntfy } from './channel-worlds/ntfy.ts'
import { pagerduty } from './channel-worlds/pagerduty.ts'
import { push } from './channel-worlds/push.ts'
import { slack } from './channel-worlds/slack.ts'
import { sms } from './channel-worlds/sms.ts'
import { teams } from './channel-worlds/teams.ts'
import { telegram } from './channel-worlds/telegram.ts'
import { webPush } from './channel-worlds/web-push.ts'
import { webhook } from './channel-worlds/webhook.ts'

/** The other side of every channel, by its type: a new channel is its file here and one line, and arrives tested. */
export const channelWorlds: ReadonlyMap<string, SuiteWorld> = new Map([
  ['console', consoleWorld],
  ['discord', discord],
  ['email', email],
  ['inbox', inbox],
  ['ntfy', ntfy],
  ['pagerduty', pagerduty],
  ['push', push],
  ['slack', slack],
  ['sms', sms],
  ['teams', teams],
  ['telegram', telegram],
  ['web-push', webPush],
  ['webhook', webhook],
])
