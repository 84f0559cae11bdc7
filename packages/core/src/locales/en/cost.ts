import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { group, unpriced } from './phrases.ts'

const sampled = '{sampled, select, other {Only a sample of the calls is known: what was spent is at least this.}}'
const spentOf = ['{sampled, select, other {at least }}{spentUsd} of {amountUsd}', '{spentUsd} of {amountUsd}', '{spentUsd}']

export const costMessages = {
  'budget.crossed': {
    subject: [
      ['Budget {budget} ({scope}): {percent} used', 'Budget {budget}: {percent} used', 'Budget {budget} crossed', 'Budget crossed'],
      spentOf,
    ],
    lines: [
      [
        [
          'Spent {spentUsd} of {amountUsd} for this {period}; over by {overUsd}.', 'Spent {spentUsd} of {amountUsd} for this {period}; {leftUsd} left.',
          'Spent {spentUsd} of {amountUsd} in the last {windowMs}; over by {overUsd}.', 'Spent {spentUsd} of {amountUsd} in the last {windowMs}; {leftUsd} left.',
          'Spent {spentUsd} of {amountUsd}.', 'Spent {spentUsd}.', '{percent} of this budget is used.',
        ],
        ['At this pace it is used up on {crossesAt}, and the {period} ends near {projectedUsd}.', 'At this pace it is used up on {crossesAt}.'],
      ],
      [unpriced],
      [sampled],
      ['{late, select, other {The period was already over when this became known.}}'],
    ],
    short: [['budget {budget} ({scope}) {percent}', 'budget {budget} {percent}', 'budget {budget} crossed', 'budget crossed'], spentOf, ['at this pace over on {crossesBrief}, end near {projectedUsd}', 'at this pace over on {crossesBrief}']],
  },
  'cost.anomaly': {
    subject: [['{below, select, other {Spend dropped: {measured}}}', 'Unusual spend: {measured}', '{below, select, other {Spend dropped}}', 'Unusual spend'], 'usually {wanted}', ...group],
    lines: [
      [['{measured} came in {windowMs}, where {wanted} was expected.', 'Spend left the range that is usual at this time.'], '{again, select, other {It goes on and got worse.}}'],
      [
        ['{made, select, agent {Agent {maker}} model {Model {maker}} operation {Operation {maker}} user {User {maker}} cache {Less read from the cache of {maker}} price {The price of a token of {maker}} other {{maker}}} made {madePercent} of the difference.'],
        ['{made2, select, agent {Agent {maker2}} model {Model {maker2}} operation {Operation {maker2}} user {User {maker2}} cache {Less read from the cache of {maker2}} price {The price of a token of {maker2}} other {{maker2}}} made {madePercent2}.'],
      ],
    ],
    short: [['{below, select, other {spend dropped to {measured}}}', 'unusual spend {measured}', 'unusual spend'], 'usually {wanted}', ['{maker} made {madePercent} of it'], ...group],
  },
  'budget.forecast': {
    subject: [
      ['Budget {budget} ({scope}): over on {crossesBrief} at this pace', 'Budget {budget}: over on {crossesBrief} at this pace', 'Budget {budget} will not last', 'A budget will not last'],
      spentOf,
    ],
    lines: [
      [
        ['Spent {spentUsd} of {amountUsd} so far this {period}.', 'Spent {spentUsd} so far this {period}.', 'Spent {spentUsd} so far.'],
        ['At this pace it is used up on {crossesAt}, and the {period} ends near {projectedUsd}.', 'At this pace it is used up on {crossesAt}, before the {period} ends.', 'At this pace it is used up on {crossesAt}.', 'At this pace it is used up before its period ends.'],
      ],
      [unpriced],
      [sampled],
    ],
    short: [
      ['budget {budget} ({scope}) over on {crossesBrief} at this pace', 'budget {budget} over on {crossesBrief} at this pace', 'budget {budget} will not last', 'a budget will not last'],
      spentOf,
      ['end near {projectedUsd}'],
    ],
  },
  'spend.velocity': {
    subject: [
      ['Budget {budget} ({scope}): used up in {toCapMs}', 'Budget {budget}: used up in {toCapMs}', 'Budget {budget}: spending very fast', 'Spending very fast'],
      ['{perMinuteUsd} a minute, usually {usualPerMinuteUsd}', '{perMinuteUsd} a minute (limit {limitUsd})', '{perMinuteUsd} a minute'],
    ],
    lines: [
      [
        ['At {perMinuteUsd} a minute the budget is used up in {toCapMs}.', 'At {perMinuteUsd} a minute the project spends more than its limit of {limitUsd}.', 'At {perMinuteUsd} a minute money goes fast.', 'At this pace the budget is used up in {toCapMs}.', 'Money goes much faster than it should.'],
        ['Usually it is {usualPerMinuteUsd} a minute.'],
      ],
      [['Spent {spentUsd} of {amountUsd} so far this {period}; {calls, number} calls in the last five minutes.', 'Spent {spentUsd} of {amountUsd} in the last {windowMs}; {calls, number} calls in the last five minutes.', '{calls, number} calls in the last five minutes.']],
      [unpriced],
      [sampled],
    ],
    short: [
      ['budget {budget} ({scope}) used up in {toCapMs}', 'budget {budget} used up in {toCapMs}', 'budget {budget} spending very fast', 'spending very fast'],
      ['{perMinuteUsd} a minute, usually {usualPerMinuteUsd}', '{perMinuteUsd} a minute (limit {limitUsd})', '{perMinuteUsd} a minute'],
    ],
  },
  'model.price-unknown': {
    subject: [
      ['{modelsMax, plural, other {More than # models without a known price today}}', 'Price unknown: {provider} {model}', 'Price unknown: {model}', 'Price of a model unknown'],
      '{who}',
    ],
    lines: [
      [
        'Sessions and budgets do not count what it costs.',
        ['{noTokens, select, other {The calls do not say how many tokens they used: report their tokens or their cost.}}', '{noPrice, select, other {Give its price under prices in the configuration.}}', 'Give their prices under prices in the configuration.'],
      ],
    ],
    short: [['{modelsMax, plural, other {more than # models without a known price today}}', 'price unknown: {provider} {model}', 'price unknown: {model}', 'price of a model unknown'], 'not counted in budgets', '{who}'],
  },
  'model.cache-collapsed': {
    subject: [
      ['Cache hits fell: {provider} {model}', 'Cache hits fell: {model}', 'Cache hits fell'],
      ['{percent}, usually {usualPercent}', '{percent}'],
      '{who}',
    ],
    lines: [
      [
        ['In the last {windowMs} {percent} of the input came from the cache; usually it is {usualPercent}.', '{percent} of the input came from the cache; usually it is {usualPercent}.', 'Much less of the input comes from the cache than usual.'],
        ['That cost {extraUsd} more than usual.'],
      ],
      ['Often the beginning of the prompt changed: a time, an id, or another order of tools.'],
    ],
    short: [['cache hits of {model} fell', 'cache hits fell'], ['{percent}, usually {usualPercent}', '{percent}'], ['{extraUsd} more'], '{who}'],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
