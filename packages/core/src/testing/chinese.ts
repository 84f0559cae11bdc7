import type { Said } from '../model/said.ts'

const code = /`[^`]*`/g

/** What is wrong with the Chinese beside an English sentence: not there, not Chinese, set otherwise than Chinese is, or about other names than the English. */
export function faultsInChinese({ en, 'zh-CN': chinese }: Said): readonly string[] {
  const plain = chinese.replaceAll(code, '').replaceAll(/\[[^\]]*\]\([^)]*\)/g, '').replaceAll(/\{\w+\}/g, '')
  const fault = (isOne: boolean, what: string): readonly string[] => (isOne ? [`${what}: ${chinese}`] : [])
  return [
    ...fault(chinese.trim() === '', 'nothing is said'),
    ...fault(chinese === en && wordsIn(en), 'it is the English'),
    // What is quoted may be what is typed.
    ...fault(/[\u4E00-\u9FFF][,;:?!](?:\s|[\u4E00-\u9FFF]|$)/.test(plain.replaceAll(/“[^”]*”/g, '')), 'a half-width mark'),
    ...fault(/[\u4E00-\u9FFF][A-Za-z]{2}|[A-Za-z]{2}[\u4E00-\u9FFF]/.test(plain), 'no space'),
    ...fault(namesIn(en).join() !== namesIn(chinese).join(), 'other names than in English'),
  ]
}

/** More than names, which are the same everywhere. */
function wordsIn(text: string): boolean {
  return /[A-Za-z]+ [a-z]+ [a-z]+/.test(text.replaceAll(code, ''))
}

function namesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(code)].map(([name]) => name))].toSorted()
}
