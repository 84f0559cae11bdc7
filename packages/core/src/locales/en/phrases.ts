// Phrases that several messages share.
export const who = (text: string): readonly string[] => [`${text}: {who}`, text]
export const unpriced = '{unpriced, plural, =0 {} one {# call has no known price and is not counted.} other {# calls have no known price and are not counted.}}'
export const times = '{times, plural, =0 {} one {} other {# times}}'
export const group = ['{agent}', ['{provider} {model}', '{model}', '{provider}'], '{tool}', '{group}', '{groupUser}'] as const
