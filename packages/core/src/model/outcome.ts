/**
 * What became of one attempt to send, one closed set for every channel.
 *
 * sent         the provider accepted it
 * retry        not now; `afterMs` where the provider named a time, honoured whole
 * bad-address  this address does not work: stop using it
 * bad-content  this message can never be taken
 * bad-config   the whole channel is wrong: pause it
 * in-doubt     the body went out and no answer came: the provider may have it
 */
export type Outcome =
  | { readonly kind: 'sent'; readonly providerId?: string; readonly detail?: string; readonly first?: First }
  | { readonly kind: 'retry'; readonly afterMs?: number; readonly code?: string; readonly detail: string }
  | { readonly kind: 'bad-address' | 'bad-content' | 'bad-config' | 'in-doubt'; readonly code?: string; readonly detail: string }

/**
 * Of a message that was to follow the first one of its thread: that is `gone`, and the next begins anew; or `this` stands in its
 * place, because the first is gone or elsewhere, and the next follows it.
 */
export type First = 'gone' | 'this'

/** The code of `bad-address` where the address works and its reader replied STOP: they are asked by their next channel, and nobody has to mend anything. */
export const stoppedCode = 'opted-out'

export type OutcomeKind = Outcome['kind']
