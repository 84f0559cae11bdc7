import { generateKeyPairSync } from 'node:crypto'
import { newKeyPair } from '../channels/web-push-vapid.ts'

/**
 * What the examples of channels read from the environment, each in the form that its setting asks for; a channel whose
 * example reads another name adds it here. Keys are made anew: none stands in a file.
 */
export function exampleEnvironment(): Readonly<Record<string, string>> {
  const browserKeys = newKeyPair()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
  return {
    SENDGRID_API_KEY: 'SG.placeholder',
    SMTP_URL: 'smtps://user:placeholder@mail.example.com',
    TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'placeholder',
    WEBHOOK_SECRET: `whsec_${'placeholder+'.repeat(3)}`,
    DEPLOYS_SECRET: `whsec_${'placeholder+'.repeat(3)}`,
    GITHUB_WEBHOOK_SECRET: 'placeholder of a webhook',
    PAGERDUTY_ROUTING_KEY: '1'.repeat(32),
    NTFY_TOPIC: 'our-agents-9f3kq2',
    NTFY_TOKEN: 'tk_placeholder',
    FIREBASE_SERVICE_ACCOUNT: JSON.stringify({ type: 'service_account', project_id: 'example', private_key_id: 'a1b2c3', private_key: privateKey, client_email: 'tocsin@example.iam.gserviceaccount.com', client_id: '1', token_uri: 'https://oauth2.googleapis.com/token' }),
    SLACK_BOT_TOKEN: 'xoxb-placeholder-placeholder',
    VAPID_PUBLIC_KEY: browserKeys.publicKey,
    VAPID_PRIVATE_KEY: browserKeys.privateKey,
    DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/123456789012345678/placeholder',
    TEAMS_WORKFLOW_URL: 'https://prod-00.westeurope.logic.azure.com/workflows/placeholder/triggers/manual/paths/invoke',
    HEARTBEAT_URL: 'https://hc-ping.com/placeholder',
    TELEGRAM_BOT_TOKEN: `123456789:${'A'.repeat(35)}`,
  }
}
