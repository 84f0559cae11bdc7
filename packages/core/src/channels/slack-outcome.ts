import { z } from 'zod'
import type { OutcomeKind } from '../model/outcome.ts'
import { jsonOf } from './json-of.ts'
import type { HttpAnswer, HttpResult } from './transport/http.ts'
import type { Verdict } from './transport/outcome.ts'

/** What Slack calls a refusal (https://docs.slack.dev/reference/methods/chat.postMessage#errors), by what it means for a message. */
const words = {
  'bad-config':
    'not_authed invalid_auth token_revoked token_expired account_inactive missing_scope not_allowed_token_type no_permission org_login_required ekm_access_denied access_denied accesslimited ' +
    'team_access_not_granted enterprise_is_restricted team_not_found deprecated_endpoint method_deprecated two_factor_setup_required restricted_action messages_tab_disabled no_service no_service_id no_active_hooks ' +
    'no_team team_disabled invalid_token action_prohibited posting_to_general_channel_denied',
  'bad-content':
    'msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format no_text too_many_attachments too_many_contact_cards invalid_metadata_format invalid_metadata_schema metadata_too_large metadata_must_be_sent_from_app ' +
    'invalid_arguments invalid_payload invalid_post_type invalid_json json_not_object',
  retry: 'ratelimited rate_limited message_limit_exceeded service_unavailable request_timeout team_added_to_org external_channel_migrating update_failed rollup_error',
  // “It’s possible some aspect of the operation succeeded before the error was raised.”
  'in-doubt': 'internal_error fatal_error',
} as const satisfies Partial<Record<OutcomeKind, string>>

const kinds: ReadonlyMap<string, OutcomeKind> = new Map(Object.entries(words).flatMap(([kind, codes]) => codes.split(' ').map((code) => [code, kind as OutcomeKind] as const))) // The keys of `words` are kinds.

/** The receiver cannot be reached: a person's account, or the one channel of the settings. */
const noReceiver: ReadonlySet<string> = new Set(
  ('channel_not_found not_in_channel is_archived channel_is_archived channel_is_frozen user_not_found users_not_found user_disabled user_not_visible user_is_bot cannot_dm_bot is_inactive ' +
    'restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel slack_connect_file_link_sharing_blocked').split(' '),
)

const hints: Readonly<Record<string, string>> = {
  not_in_channel: 'not_in_channel: invite the bot with /invite',
  channel_not_found: 'channel_not_found: check the id, and invite the bot with /invite where it is private',
}

const spoken = z.object({ ok: z.boolean(), error: z.string().max(200).optional(), needed: z.string().max(200).optional(), channel: z.string().max(40).optional(), ts: z.string().max(40).optional() })

/** What the Web API said; `undefined` where it was not Slack who answered. */
export function slackAnswer(result: HttpResult): z.output<typeof spoken> | undefined {
  if (result.kind === 'failed' || !result.complete) return undefined
  return spoken.safeParse(jsonOf(result.text)).data
}

/**
 * An answer of the Web API, which says in its body what went wrong, mostly with the status 200.
 *
 * @param receiver whose fault it is where nobody is there: `person` → bad-address, `channel` of the settings → bad-config
 */
export function apiVerdict(answer: HttpAnswer, receiver: 'person' | 'channel'): Verdict {
  const said = slackAnswer(answer)
  const isSuccess = answer.status >= 200 && answer.status < 300
  if (said === undefined) return isSuccess ? { kind: 'in-doubt', detail: 'without an answer of Slack’s own' } : {}
  if (said.ok) return said.channel === undefined || said.ts === undefined ? {} : { providerId: `${said.channel}:${said.ts}` }
  return refusal(said.error ?? 'unknown_error', receiver, said.needed)
}

/** An answer of an incoming webhook: `ok`, or a word of refusal with a status. */
export function webhookVerdict({ status, text, complete }: HttpAnswer): Verdict {
  const word = /^[a-z][a-z0-9_]{1,80}$/.exec(text.trim().toLowerCase().replaceAll(' ', '_'))?.[0]
  if (status >= 200 && status < 300) return complete && word === 'ok' ? {} : { kind: 'in-doubt', detail: 'without an answer of Slack’s own' }
  return word === undefined || !(kinds.has(word) || noReceiver.has(word)) ? {} : refusal(word, 'channel')
}

function refusal(code: string, receiver: 'person' | 'channel', needed?: string): Verdict {
  const unreached = receiver === 'person' ? 'bad-address' : 'bad-config'
  const kind = noReceiver.has(code) ? unreached : (kinds.get(code) ?? 'bad-content')
  return { kind, code, detail: needed === undefined ? (hints[code] ?? code) : `${code}: needs ${needed}` }
}
