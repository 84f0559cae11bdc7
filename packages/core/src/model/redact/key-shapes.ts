/**
 * Keys that are known by how they begin. A line is: what readers see in its place, how it begins, what follows.
 * Public keys (Stripe `pk_`, Langfuse `pk-lf-`) are not secrets and are left alone. A shape without a check digit asks
 * for a body long enough that no identifier of a model provider (`chatcmpl-`, `call_`, `msg_`, `req_`) resembles it.
 */
export interface KeyShape {
  readonly kind: string
  readonly prefix: string
  /** Source of an expression for what follows the prefix. */
  readonly body: string
  /** And for what follows that. */
  readonly afterwards?: string
}

function shapes(kind: string, prefixes: string, body: string): readonly KeyShape[] {
  return prefixes.split(' ').map((prefix) => ({ kind, prefix, body }))
}

const word = String.raw`[\w-]`
const dotted = String.raw`[\w.=-]`
const uuid = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}'

/** A longer prefix stands before a shorter one that it begins with. */
export const keyShapes: readonly KeyShape[] = [
  // Model providers and what agents are built with
  ...shapes('anthropic-key', 'sk-ant-', `${word}{16,}`),
  ...shapes('openrouter-key', 'sk-or-', `${word}{16,}`),
  ...shapes('langfuse-key', 'sk-lf-', `${word}{16,}`),
  ...shapes('openai-key', 'sk-proj- sk-svcacct- sk-admin- sk-None-', `${word}{16,}`),
  ...shapes('openai-key', 'sk-', String.raw`(?=[\w-]{0,64}\d)[\w-]{16,}`),
  ...shapes('openai-key', 'sk-', '[A-Za-z0-9]{20,}'),
  ...shapes('openai-key', 'sess-', '[A-Za-z0-9]{40}(?![A-Za-z0-9])'),
  ...shapes('google-key', 'AIzaSy', String.raw`[\w-]{33}(?![\w-])`),
  ...shapes('google-key', 'AQ.Ab', `${word}{30,}`),
  ...shapes('google-token', 'ya29.', `${dotted}{20,}`),
  ...shapes('google-secret', 'GOCSPX-', `${word}{20,}`),
  ...shapes('groq-key', 'gsk_', '[A-Za-z0-9]{32,}'),
  ...shapes('huggingface-key', 'hf_', '[A-Za-z0-9]{34}(?![A-Za-z0-9_])'),
  ...shapes('huggingface-key', 'api_org_', '[A-Za-z0-9]{34}(?![A-Za-z0-9_])'),
  ...shapes('replicate-key', 'r8_', '[A-Za-z0-9]{30,}'),
  ...shapes('perplexity-key', 'pplx-', '[A-Za-z0-9]{32,}'),
  ...shapes('xai-key', 'xai-', '[A-Za-z0-9]{32,}'),
  ...shapes('cerebras-key', 'csk-', '[a-z0-9]{32,}'),
  ...shapes('fireworks-key', 'fw_', '[A-Za-z0-9]{20,}'),
  ...shapes('together-key', 'tgp_v1_', `${word}{20,}`),
  ...shapes('nvidia-key', 'nvapi-', `${word}{30,}`),
  ...shapes('voyage-key', 'pa-', `${word}{40,}`),
  ...shapes('elevenlabs-key', 'sk_', '[0-9a-f]{40,}'),
  ...shapes('langsmith-key', 'lsv2_pt_ lsv2_sk_', '[0-9a-f_]{30,}'),
  ...shapes('tavily-key', 'tvly-', `${word}{20,}`),
  ...shapes('firecrawl-key', 'fc-', '[0-9a-f]{32}'),
  ...shapes('jina-key', 'jina_', '[A-Za-z0-9]{30,}'),
  ...shapes('pinecone-key', 'pcsk_', '[A-Za-z0-9_]{30,}'),
  ...shapes('tocsin-key', 'tok_', String.raw`(?=[\w-]{0,64}\d)[\w-]{16,}`),
  ...shapes('tocsin-key', 'tok_', '[A-Za-z0-9]{24,}'),
  // Clouds
  ...shapes('aws-key', 'AKIA ASIA ABIA ACCA', '[A-Z2-7]{16}(?![A-Za-z0-9])'),
  ...shapes('aws-key', 'ABSKQmVkcm9ja', '[A-Za-z0-9+/]{40,}={0,2}'),
  // What follows begins with the name of the service in base64.
  ...shapes('aws-key', 'bedrock-api-key-', 'YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/]*={0,2}'),
  ...shapes('alibaba-key', 'LTAI', '[A-Za-z0-9]{17,26}(?![A-Za-z0-9])'),
  ...shapes('tencent-key', 'AKID', '[A-Za-z0-9]{28,40}(?![A-Za-z0-9])'),
  ...shapes('yandex-key', 'AQVN', `${word}{35,38}`),
  ...shapes('yandex-key', 'YCA YCM YCO', `${word}{36,38}`),
  ...shapes('yandex-key', 't1.', String.raw`[\w-]{1,300}={0,2}\.[\w-]{80,}={0,2}`),
  ...shapes('digitalocean-token', 'dop_v1_ doo_v1_ dor_v1_', '[0-9a-f]{60,}'),
  ...shapes('databricks-token', 'dapi', String.raw`[0-9A-Fa-f]{32}(?:-\d)?(?![A-Za-z0-9])`),
  ...shapes('heroku-key', 'HRKU-', `${word}{36,}`),
  ...shapes('cloudflare-token', 'cfat_ cfut_ cfk_', '[A-Za-z0-9]{40,}'),
  ...shapes('cloudflare-key', 'v1.0-', '[0-9a-f]{24}-[0-9a-f]{146}(?![0-9a-f])'),
  ...shapes('vercel-token', 'vcp_ vci_ vca_ vcr_ vck_', '[A-Za-z0-9]{24,}'),
  ...shapes('fly-token', 'fm1a_ fm1r_ fm2_', '[A-Za-z0-9+/=]{60,}'),
  ...shapes('scalingo-token', 'tk-us-', `${word}{40,}`),
  ...shapes('supabase-key', 'sbp_ sb_secret_', `${word}{20,}`),
  ...shapes('planetscale-token', 'pscale_tkn_ pscale_oauth_ pscale_pw_', `${dotted}{28,}`),
  ...shapes('pulumi-token', 'pul-', '[0-9a-f]{40}'),
  ...shapes('prefect-token', 'pnu_ pnb_', '[A-Za-z0-9]{36}'),
  ...shapes('vault-token', 'hvs. hvb. hvr.', `${word}{20,}`),
  ...shapes('vault-token', 's.', '(?=[A-Za-z]{0,23}[0-9])[A-Za-z0-9]{24}(?![A-Za-z0-9._-])'),
  ...shapes('doppler-token', 'dp.pt. dp.st. dp.sa. dp.ct.', '[A-Za-z0-9._-]{40,}'),
  ...shapes('tailscale-key', 'tskey-', String.raw`[a-z]{2,10}-[A-Za-z0-9]{8,}-[A-Za-z0-9]{16,}`),
  ...shapes('1password-token', 'ops_eyJ', '[A-Za-z0-9+/=_-]{100,}'),
  ...shapes('1password-key', 'A3-', String.raw`[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}`),
  ...shapes('age-key', 'AGE-SECRET-KEY-1', '[0-9A-Z]{40,}'),
  ...shapes('age-key', 'AGE-PLUGIN-', '[0-9A-Z-]{20,}'),
  // Code and packages
  ...shapes('github-token', 'ghp_ gho_ ghu_ ghs_ ghr_', '[A-Za-z0-9]{30,}'),
  ...shapes('github-token', 'github_pat_', String.raw`\w{30,}`),
  ...shapes('gitlab-token', 'glpat- gldt- glft- glrt- glptt- glcbt- glimt- glsoat- glagent- gloas- glffct-', `${dotted}{18,}`),
  ...shapes('gitlab-token', 'GR1348941', `${word}{20,}`),
  ...shapes('npm-token', 'npm_', '[A-Za-z0-9]{36}'),
  ...shapes('pypi-token', 'pypi-AgE', `${word}{40,}`),
  ...shapes('rubygems-key', 'rubygems_', '[0-9a-f]{48}'),
  ...shapes('clojars-token', 'CLOJARS_', '[A-Za-z0-9]{60}'),
  ...shapes('docker-token', 'dckr_pat_ dckr_oat_', `${word}{20,}`),
  ...shapes('artifactory-key', 'AKCp', '[A-Za-z0-9]{60,}'),
  ...shapes('artifactory-key', 'cmVmdGtu', '[A-Za-z0-9]{50,}'),
  ...shapes('sourcegraph-token', 'sgp_', String.raw`(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{40}`),
  ...shapes('openshift-token', 'sha256~', `${word}{43}`),
  ...shapes('octopus-key', 'API-', '[A-Z0-9]{26}(?![A-Za-z0-9])'),
  ...shapes('harness-key', 'pat. sat.', String.raw`[\w-]{20,24}\.[A-Za-z0-9]{20,26}\.[A-Za-z0-9]{18,22}`),
  ...shapes('linear-key', 'lin_api_ lin_oauth_', '[A-Za-z0-9]{32,}'),
  ...shapes('atlassian-token', 'ATATT3 ATCTT3', `${dotted}{100,}`),
  ...shapes('figma-token', 'figd_', `${word}{36,}`),
  ...shapes('notion-token', 'ntn_', '[0-9]{11}[A-Za-z0-9]{35}(?![A-Za-z0-9])'),
  ...shapes('notion-token', 'secret_', '[A-Za-z0-9]{43}(?![A-Za-z0-9])'),
  ...shapes('airtable-token', 'pat', String.raw`[A-Za-z0-9]{14}\.[0-9a-f]{64}`),
  ...shapes('postman-key', 'PMAK-', '[0-9a-f]{24}-[0-9a-f]{34}'),
  ...shapes('readme-key', 'rdme_', '[a-z0-9]{70}'),
  ...shapes('typeform-token', 'tfp_', `${dotted}{50,}`),
  ...shapes('frameio-token', 'fio-u-', `${dotted}{60,}`),
  ...shapes('infracost-key', 'ico-', '(?=[a-z0-9]{0,31}[A-Z])[A-Za-z0-9]{32}(?![A-Za-z0-9])'),
  ...shapes('settlemint-token', 'sm_aat_ sm_pat_ sm_sat_', '[A-Za-z0-9]{16}'),
  ...shapes('42-secret', 's-s4t2ud- s-s4t2af-', '[0-9a-f]{64}'),
  // Watching
  ...shapes('grafana-key', 'glc_', '[A-Za-z0-9+/]{32,}={0,2}'),
  ...shapes('grafana-key', 'glsa_', '[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}'),
  ...shapes('newrelic-key', 'NRAK- NRJS- NRII-', `${word}{19,}`),
  ...shapes('sentry-token', 'sntrys_eyJ', '[A-Za-z0-9+/]{20,}={0,2}_[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])'),
  ...shapes('sentry-token', 'sntryu_', '[0-9a-f]{64}(?![0-9a-f])'),
  ...shapes('dynatrace-token', 'dt0c01.', String.raw`[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}`),
  ...shapes('posthog-key', 'phx_', '[A-Za-z0-9]{40,}'),
  // Messages
  ...shapes('slack-token', 'xoxe.xoxp- xoxe.xoxb- xoxe- xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxc-', String.raw`(?:\d-(?=[A-Za-z_-]{0,60}\d)[\w-]{30,1000}|\d{8,40}-[\w%-]{12,1000})`),
  ...shapes('slack-token', 'xoxd-', String.raw`[\w%-]{40,}`),
  ...shapes('slack-token', 'xapp-', String.raw`[\w-]{20,}`),
  ...shapes('sendgrid-key', 'SG.', String.raw`[\w=-]{16,}\.[\w=-]{16,}`),
  ...shapes('brevo-key', 'xkeysib- xsmtpsib-', '[0-9a-f]{64}-[A-Za-z0-9]{16}'),
  ...shapes('resend-key', 're_', '[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}'),
  ...shapes('mailgun-key', 'key-', '[0-9a-f]{32}(?![A-Za-z0-9])'),
  ...shapes('mailgun-key', 'pubkey-', '[0-9a-f]{32}(?![A-Za-z0-9])'),
  ...shapes('twilio-key', 'SK', String.raw`[0-9a-f]{32}(?![A-Za-z0-9])`),
  ...shapes('facebook-token', 'EAA', '(?=[A-Za-z0-9]{0,80}[0-9])[A-Za-z0-9]{80,}'),
  // Money and shops
  ...shapes('stripe-key', 'sk_live_ sk_test_ rk_live_ rk_test_ sk_prod_ rk_prod_', '[A-Za-z0-9]{16,}'),
  ...shapes('webhook-secret', 'whsec_', '[A-Za-z0-9+/=]{24,}'),
  ...shapes('shopify-token', 'shpat_ shpca_ shppa_ shpss_', '[A-Za-z0-9]{32,}'),
  ...shapes('square-token', 'sq0atp- sq0csp-', `${word}{22,}`),
  ...shapes('square-token', 'EAAA', String.raw`[\w+/=-]{56,60}(?![\w-])`),
  ...shapes('shippo-token', 'shippo_live_ shippo_test_', '[0-9a-f]{40}'),
  ...shapes('easypost-key', 'EZAK EZTK', '[A-Za-z0-9]{54}(?![A-Za-z0-9])'),
  ...shapes('duffel-token', 'duffel_test_ duffel_live_', `${dotted}{40,}`),
  ...shapes('flutterwave-key', 'FLWSECK_TEST- FLWSECK- FLWPUBK_TEST-', '[0-9a-h]{12,32}(?:-X)?'),
  ...shapes('plaid-token', 'access-sandbox- access-development- access-production-', uuid),
  ...shapes('lob-key', 'test_pub_ live_pub_', '[0-9a-f]{31}(?![A-Za-z0-9])'),
  ...shapes('lob-key', 'test_ live_', '[0-9a-f]{35}(?![A-Za-z0-9])'),
  ...shapes('gocardless-token', 'live_', `${dotted}{40}(?![A-Za-z0-9])`),
  ...shapes('mapbox-token', 'sk. pk.', String.raw`[a-zA-Z0-9]{60}\.[a-zA-Z0-9]{22}(?![A-Za-z0-9])`),
  ...shapes('defined-token', 'dnkey-', `${dotted}{40,}`),
  ...shapes('adobe-secret', 'p8e-', '[A-Za-z0-9]{32}(?![A-Za-z0-9])'),
  // Tokens that carry themselves
  { kind: 'jwt', prefix: 'eyJ', body: String.raw`[\w-]{8,}`, afterwards: String.raw`\.[\w-]{8,}(?:\.[\w-]*){0,3}` },
  ...shapes('jwt', 'ZXlK', '[A-Za-z0-9+/_-]{40,}={0,2}'),
]
