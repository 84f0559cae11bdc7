/**
 * Whether two names mean the same model: a name stands for its dated and numbered versions (`gpt-5` for `gpt-5-2026-01-01`), the maker's
 * name may stand before it (`openai/gpt-5`), the region before that of a host (`eu.anthropic.claude-…-v1:0`), and a way of being
 * served after it (`:free`, `-latest`). `gpt-5-mini` is not `gpt-5`.
 */
export function isSameModel(one: string, other: string): boolean {
  const [a, b] = [plainName(one), plainName(other)]
  // A deployment or a router's own name says nothing about what stands behind it.
  return a === b || routers.some((router) => a === router || b === router)
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
    .replace(/-\d{4}-\d{2}-\d{2}$|-\d{8}$|-\d{2}-\d{2}$|-\d{4}$|-\d{3}$/, '')
    .replace(/-(?:latest|preview|exp|experimental)$/, '')
    .replaceAll('.', '-')
}
