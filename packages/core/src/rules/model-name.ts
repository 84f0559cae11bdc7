/**
 * Whether two names mean the same model: a name stands for its dated and numbered versions (`gpt-5` for `gpt-5-2026-01-01`), the maker's
 * name may stand before it (`openai/gpt-5`), the region before that of a host (`eu.anthropic.claude-…-v1:0`), and a way of being
 * served after it (`:free`, `-latest`). `gpt-5-mini` is not `gpt-5`. An address of a host's own (`arn:…`) may stand for any model.
 */
export function isSameModel(one: string, other: string): boolean {
  if (one.startsWith('arn:') || other.startsWith('arn:')) return true
  const [a, b] = [plainName(one), plainName(other)]
  // A deployment or a router's own name says nothing about what stands behind it.
  return a === b || inOneOrder(a) === inOneOrder(b) || routers.some((router) => a === router || b === router)
}

/** Some routers say `claude-4.5-sonnet` for `claude-sonnet-4.5`. Numbers stay in their order: 4.5 is not 5.4. */
function inOneOrder(name: string): string {
  const words = name.split('-')
  const isNumber = (word: string): boolean => /^\d+$/.test(word)
  return [...words.filter((word) => !isNumber(word)).sort(), ...words.filter(isNumber)].join('-')
}

const routers: readonly string[] = ['auto', 'default', 'router', 'model-router', 'unknown']

/** Steps are taken once each: every pattern is anchored and without nested repetition. */
function plainName(name: string): string {
  const own = name.toLowerCase().split('/').at(-1) ?? ''
  return own
    .replace(/^(?:[a-z]{2,6}\.)?(?:anthropic|amazon|meta|mistral|cohere|deepseek|openai|qwen)\./, '')
    .replace(/[:@].*$/, '')
    .replace(/-v\d{1,2}$/, '')
    .replace(/-(?:latest|preview|exp|experimental)$/, '')
    .replace(/-\d{4}-\d{2}-\d{2}$|-\d{8}$|-\d{2}-\d{4}$|-\d{2}-\d{2}$|-\d{4}$|-\d{3}$/, '')
    .replace(/-(?:latest|preview|exp|experimental)$/, '')
    .replaceAll('.', '-')
}
