// Phrases that several messages share.
export const who = (text: string): readonly string[] => [`${text}：{who}`, text]
export const unpriced = '{unpriced, plural, =0 {} other {# 次调用价格未知，未计入。}}'
export const times = '{times, plural, =0 {} =1 {} other {# 次}}'
export const group = ['{agent}', ['{provider} {model}', '{model}', '{provider}'], '{tool}', '{group}', '{groupUser}'] as const
