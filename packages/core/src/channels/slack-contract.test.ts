import { slackWebhook } from '../testing/channel-worlds/slack.ts'
import { channelSuite } from '../testing/channel-suite.ts'
import { holdToContract } from '../testing/hold-to-contract.ts'
import { slack } from './slack.ts'

holdToContract('slack')

// The other way in is held to the same.
channelSuite(slack, slackWebhook)
