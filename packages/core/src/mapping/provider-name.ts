/** Names that telemetry gives providers → the one name under which they are priced and shown. */
const names: ReadonlyMap<string, string> = new Map([
  ['az.ai.openai', 'azure'],
  ['azure.ai.openai', 'azure'],
  ['azure.ai.inference', 'azure'],
  ['az.ai.inference', 'azure'],
  ['azure-openai', 'azure'],
  ['azure_openai', 'azure'],
  ['gcp.gemini', 'google'],
  ['gcp.gen_ai', 'google'],
  ['gcp.vertex_ai', 'google'],
  ['vertex_ai', 'google'],
  ['vertexai', 'google'],
  ['gemini', 'google'],
  ['google.generative-ai', 'google'],
  ['google.vertex', 'google'],
  ['aws.bedrock', 'aws'],
  ['amazon-bedrock', 'aws'],
  ['bedrock', 'aws'],
  ['mistral_ai', 'mistral'],
  ['mistralai', 'mistral'],
  ['xai', 'x-ai'],
])

/** What an API calls itself after the provider's name, such as `openai.responses` in the Vercel AI SDK. */
const apiSuffix = /\.(chat|responses|completion|completions|messages|embedding|embeddings|generate|text)$/

/** A provider in lower case, such as `openai`, `anthropic`, `azure`, `google`; absent where none is named. */
export function providerName(given: unknown): string | undefined {
  if (typeof given !== 'string' || given === '') return undefined
  const plain = given.slice(0, 100).toLowerCase()
  const bare = plain.replace(apiSuffix, '')
  return names.get(plain) ?? names.get(bare) ?? bare
}

/** Ends of host names that tell which provider answers there, most telling first. */
const hosts: readonly (readonly [string, string])[] = [
  ['openai.azure.com', 'azure'],
  ['services.ai.azure.com', 'azure'],
  ['api.openai.com', 'openai'],
  ['api.anthropic.com', 'anthropic'],
  ['openrouter.ai', 'openrouter'],
  ['api.groq.com', 'groq'],
  ['api.deepseek.com', 'deepseek'],
  ['api.mistral.ai', 'mistral'],
  ['api.x.ai', 'x-ai'],
  ['api.together.xyz', 'together'],
  ['api.fireworks.ai', 'fireworks'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.cohere.ai', 'cohere'],
  ['api.cohere.com', 'cohere'],
  ['aiplatform.googleapis.com', 'google'],
  ['generativelanguage.googleapis.com', 'google'],
  ['amazonaws.com', 'aws'],
]

/** The provider behind an address; absent for an address that is not known, such as a proxy. */
export function providerOfUrl(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const host = new URL(url).hostname
  return hosts.find(([end]) => host === end || host.endsWith(`.${end}`) || host.endsWith(`-${end}`))?.[1]
}
