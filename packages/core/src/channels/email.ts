import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import type { Inbound, InboundRequest } from '../model/inbound.ts'
import type { Outcome } from '../model/outcome.ts'
import { cutText } from './cut-text.ts'
import { mailAddress } from './mail-address.ts'
import { oneLine } from './one-line.ts'
import { withoutSecrets } from './safe-detail.ts'
import { smtpOutcome } from './smtp-outcome.ts'
import { eventsKeyOf, readSendGridCall } from './sendgrid-events.ts'
import type { SmtpResult, SmtpServer } from './smtp-result.ts'
import { SmtpSession } from './smtp-session.ts'
import { smtpTargetProblem } from './smtp-target.ts'
import { networksOf } from './transport/addresses.ts'
import { isLoopback } from './transport/loopback.ts'
import { ownAuthority } from './transport/own-authority.ts'
import { networkList } from './transport/transport.ts'

const bodyCharsMax = 100_000
const concurrency = 5

const addressPattern = /^(?:[^<>\r\n]*<([^<>\s@,;]+@[^<>\s@,;]+)>|([^<>\s@,;]+@[^<>\s@,;]+))$/

const settings = z
  .strictObject({
    url: z
      .string()
      .refine((text) => serverOf(text) !== undefined, { error: 'expected smtp://user:password@host:587 or smtps://user:password@host:465, with special characters in the password percent-encoded' })
      .meta({ label: { en: 'Server', 'zh-CN': '服务器' }, secret: true, hint: { en: '`smtp://` with STARTTLS or `smtps://`, with user and password', 'zh-CN': '`smtp://`（STARTTLS）或 `smtps://`，含用户名和密码' } }),
    from: z
      .string()
      .max(320)
      .regex(addressPattern, 'expected an address such as Tocsin <noreply@example.com>')
      .refine((text) => mailAddress(bareAddress(text)).ok, 'expected an address such as Tocsin <noreply@example.com>, with ASCII before the @')
      .meta({ label: { en: 'From', 'zh-CN': '发件人' }, hint: { en: 'with a name in any script', 'zh-CN': '可带任意文字的名称' } }),
    ca: z.string().min(1).optional().meta({ label: { en: 'Own certificate authority', 'zh-CN': '自有证书颁发机构' }, mayBeFile: true, hint: { en: 'PEM text or a file; trusted instead of the known ones', 'zh-CN': 'PEM 文本或文件；取代系统信任的颁发机构' } }),
    unsubscribe: z
      .string()
      .max(500)
      .regex(/^(?:mailto:[\w.+-]{1,64}@[a-zA-Z0-9.-]{1,190}(?:\?[\w=&%.+-]*)?|https:\/\/[\x21\x23-\x3b\x3d\x3f-\x7e]+)$/, 'expected mailto:ops@example.com or an https:// address')
      .optional()
      .meta({ label: { en: 'Where a reader asks for less', 'zh-CN': '退订入口' }, hint: { en: '`mailto:ops@example.com` or an `https://` page; mail readers show it as "unsubscribe"', 'zh-CN': '`mailto:ops@example.com` 或 `https://` 页面；邮件客户端显示为“退订”' } }),
    eventsKey: z
      .string()
      .regex(/^[A-Za-z0-9+/]{100,200}={0,2}$/, 'expected the verification key of SendGrid’s event webhook, base64')
      .refine((text) => eventsKeyOf(text) !== undefined, 'expected a public key for ECDSA in base64, as SendGrid shows it')
      .optional()
      .meta({ label: { en: 'Key of the event webhook', 'zh-CN': '事件 Webhook 的密钥' }, hint: { en: 'SendGrid’s _Signed Event Webhook_ shows it; with it the server learns which mail bounced, and who wants no more', 'zh-CN': '见 SendGrid 的 _Signed Event Webhook_；服务器由此得知哪些邮件被退回、谁已退订' } }),
    allowInsecure: z.boolean().default(false).meta({ label: { en: 'Allow a server on this machine without TLS', 'zh-CN': '允许本机服务器不使用 TLS' }, hint: { en: 'or with a certificate that nobody signed', 'zh-CN': '或使用无人签发的证书' } }),
    allowNetworks: networkList()
      .optional()
      .meta({ label: { en: 'Allowed private networks', 'zh-CN': '允许的内网网段' }, hint: { en: 'such as `["10.0.0.0/8"]`: where it stands, empty too, the server is at a public address or in these. Absent: anywhere in the file; of a channel that the API made: public addresses', 'zh-CN': '例如 `["10.0.0.0/8"]`：一旦填写（留空也算），服务器须在公网或这些网段内。不填：配置文件中的渠道不限，由 API 创建的渠道仅限公网地址' } }),
  })
  .refine(({ url, allowInsecure }) => !allowInsecure || isLoopback(serverOf(url)?.host ?? 'localhost'), {
    path: ['allowInsecure'],
    error: 'expected a loopback address in url: without TLS mail goes to this machine only',
  })
  .superRefine(({ url, allowInsecure, allowNetworks }, context) => {
    const server = serverOf(url)
    if (server === undefined || allowNetworks === undefined) return
    const problem = smtpTargetProblem(server.host, { trust: 'user-supplied', allowInsecure, networks: networksOf(allowNetworks) })
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem.detail, path: ['url'] })
  })
  .meta({
    about: {
      title: { en: 'E-mail (SMTP)', 'zh-CN': '邮件（SMTP）' },
      description: {
        en: 'Mail to any server, as text and HTML. TLS 1.2 or newer with a trusted certificate is required: where a server offers none, nothing is sent and the channel is paused. The Message-ID stays the same when a mail is sent again. For SendGrid the server is `smtp.sendgrid.net:587` and the user `apikey`.',
        'zh-CN': '发往任意服务器的邮件，含文本和 HTML。必须使用 TLS 1.2 或更高版本和受信任的证书：服务器不支持时不会发送，渠道会暂停。重发时 Message-ID 不变。SendGrid 的服务器为 `smtp.sendgrid.net:587`，用户名为 `apikey`。',
      },
      credentials: {
        en: `1. Any mail server that takes mail from a program will do. Ask its operator for the host, the port (587 for STARTTLS, 465 for TLS from the start), a user and a password; at Google and Microsoft that is an app password.
2. At SendGrid make an API key with the permission _Mail Send_; the user is literally \`apikey\` and the key is the password.
3. Put the whole address into the environment, such as \`SMTP_URL=smtp://user:password@mail.example.com:587\`, with special characters in the password percent-encoded (\`@\` is \`%40\`).
4. \`from\` must be an address that the server lets you send as, and SPF and DKIM of its domain must name that server, or mail lands in the junk folder.`,
        'zh-CN': `1. 任何接受程序发信的邮件服务器均可。向其运维人员索取主机、端口（587 为 STARTTLS，465 为一开始就使用 TLS）、用户名和密码；在 Google 和 Microsoft，密码是应用专用密码。
2. 在 SendGrid 创建带 _Mail Send_ 权限的 API 密钥；用户名就是 \`apikey\`，密钥即密码。
3. 把完整地址放入环境变量，例如 \`SMTP_URL=smtp://user:password@mail.example.com:587\`，密码中的特殊字符须百分号编码（\`@\` 写作 \`%40\`）。
4. \`from\` 必须是服务器允许你使用的发件地址，其域名的 SPF 和 DKIM 须指明该服务器，否则邮件会进入垃圾箱。`,
      },
    },
    inChinese: {
      'expected smtp://user:password@host:587 or smtps://user:password@host:465, with special characters in the password percent-encoded': '应为 smtp://user:password@host:587 或 smtps://user:password@host:465，密码中的特殊字符须百分号编码',
      'expected an address such as Tocsin <noreply@example.com>': '应为地址，例如 Tocsin <noreply@example.com>',
      'expected an address such as Tocsin <noreply@example.com>, with ASCII before the @': '应为地址，例如 Tocsin <noreply@example.com>，@ 之前只用 ASCII 字符',
      'expected mailto:ops@example.com or an https:// address': '应为 mailto:ops@example.com 或 https:// 地址',
      'expected the verification key of SendGrid’s event webhook, base64': '应为 SendGrid 事件 Webhook 的验证密钥（base64）',
      'expected a public key for ECDSA in base64, as SendGrid shows it': '应为 SendGrid 所显示的 ECDSA 公钥（base64）',
      'expected a loopback address in url: without TLS mail goes to this machine only': 'url 应为本机地址：不使用 TLS 时邮件只能发往本机',
    },
    example: `ops-mail:
  type: email
  url: "smtp://apikey:\${SENDGRID_API_KEY}@smtp.sendgrid.net:587"
  from: "Tocsin <noreply@example.com>"`,
  })

type Settings = z.output<typeof settings>

/**
 * Mail by SMTP, to any server: `smtp://` with STARTTLS, `smtps://` with TLS from the start. Without TLS 1.2 or newer and a
 * trusted certificate nothing is sent. SendGrid is `smtp://apikey:KEY@smtp.sendgrid.net:587`.
 */
export const email: ChannelType<Settings> = {
  type: 'email',
  settings,
  address: 'email',
  shape: 'mail',
  limits: { bodyCharsMax, concurrency },
  can: { deduplicates: false, resolves: true, threads: true, actions: true },
  objectsTo(_settings, text) {
    const to = mailAddress(text)
    return to.ok ? undefined : { code: to.code, detail: to.detail }
  },
  create(own, name) {
    const server = serverOf(own.url)
    if (server === undefined) throw new TocsinError('config-invalid', `channels.${name}.url: expected smtp:// or smtps://`)
    const ca = ownAuthority(own.ca, name)
    return new Email({ ...server, allowInsecure: own.allowInsecure, ...(own.allowNetworks !== undefined && { networks: networksOf(own.allowNetworks) }), ...(ca === undefined ? {} : { ca }) }, own)
  },
}

class Email implements Channel {
  readonly #server: SmtpServer
  readonly #letterhead: Letterhead
  readonly #secrets: readonly string[]
  readonly #eventsKey: KeyObject | undefined
  /** Open connections that nobody uses; at most `concurrency`. */
  readonly #idle: SmtpSession[] = []

  constructor(server: SmtpServer, { from, unsubscribe, eventsKey }: Pick<Settings, 'from' | 'unsubscribe' | 'eventsKey'>) {
    this.#eventsKey = eventsKey === undefined ? undefined : eventsKeyOf(eventsKey)
    this.#server = server
    const sender = mailAddress(bareAddress(from))
    this.#letterhead = { from, sender: sender.ok ? sender.address : bareAddress(from), unsubscribe }
    const { user = '', password = '' } = server
    this.#secrets = [password, `\0${user}\0${password}`].filter((secret) => password !== '' && secret !== '')
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const to = mailAddress(message.to)
    if (!to.ok) return { kind: 'bad-address', code: to.code, detail: to.detail }
    const messageId = rfcId(message.id, this.#letterhead.sender)
    const mail = await compose({ ...message, to: to.address }, this.#letterhead, messageId, tools.clock)
    const sent = await this.#deliver(to.address, mail, tools)
    const outcome: Outcome = sent.ok ? { kind: 'sent', providerId: messageId, detail: sent.value } : smtpOutcome(sent.failure)
    return withoutSecrets(withoutSecrets(outcome, this.#secrets, to.address), [], message.to)
  }

  receive(request: InboundRequest): Inbound | readonly Inbound[] {
    return this.#eventsKey === undefined ? { kind: 'forged' } : readSendGridCall(request, this.#eventsKey)
  }

  async close(): Promise<void> {
    for (const session of this.#idle.splice(0)) session.close()
  }

  async #deliver(to: string, mail: Buffer, tools: SendTools): Promise<SmtpResult<string>> {
    const kept = this.#takeIdle()
    if (kept !== undefined) {
      const sent = await this.#sendOver(kept, to, mail, tools.signal)
      // The server may have ended the connection while it idled, or (421) have had enough of it. Nothing went out then, so a new
      // one is tried, once.
      const wasStale = !sent.ok && (sent.failure.reply === undefined || sent.failure.reply === 421) && !sent.failure.bodyOut && !tools.signal.aborted
      if (!wasStale) return sent
    }
    const opened = await SmtpSession.open(this.#server, tools)
    return opened.ok ? this.#sendOver(opened.value, to, mail, tools.signal) : opened
  }

  async #sendOver(session: SmtpSession, to: string, mail: Buffer, signal: AbortSignal): Promise<SmtpResult<string>> {
    const sent = await session.send(this.#letterhead.sender, to, mail, signal)
    if (!session.isUsable || this.#idle.length >= concurrency) session.close()
    else {
      session.hold('idle')
      this.#idle.push(session)
    }
    return sent
  }

  #takeIdle(): SmtpSession | undefined {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (session.isUsable) {
        session.hold('busy')
        return session
      }
    }
    return undefined
  }
}

/** What is the same on every mail of a channel. */
interface Letterhead {
  /** With a name, as it was written. */
  readonly from: string
  /** The address alone, in ASCII. */
  readonly sender: string
  readonly unsubscribe: string | undefined
}

/** The mail as it goes over the line. */
async function compose(message: Message, { from, sender, unsubscribe }: Letterhead, messageId: string, clock: Clock): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  const isUrgent = message.severity === 'critical' || message.severity === 'high'
  const mail = new MailComposer({
    from,
    to: { name: '', address: message.to },
    subject: oneLine(message.subject),
    messageId: `<${messageId}>`,
    // The root that all news of an alert answers to is no mail of its own, so that they fold also where the first one was lost or went elsewhere.
    ...(message.thread === undefined ? {} : threadHeaders(rfcId(message.thread, sender))),
    date: new Date(clock.nowMs()),
    text: cutText(message.text, bodyCharsMax, '\n… (cut)'),
    // Markup cannot be cut without breaking it: a page too long goes as text alone.
    ...(message.html === undefined || message.html.length > htmlCharsMax ? {} : { html: message.html }),
    headers: {
      // RFC 3834: no holiday answers to a machine.
      'Auto-Submitted': 'auto-generated',
      'Content-Language': message.locale,
      // RFC 2369: mail readers offer it beside the sender.
      ...(unsubscribe === undefined ? {} : { 'List-Unsubscribe': `<${unsubscribe}>` }),
      ...(isUrgent ? { Importance: 'high', 'X-Priority': '1' } : {}),
    },
    newline: 'win',
    baseBoundary: messageId.replaceAll(/[^A-Za-z0-9_-]/g, '-'),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return mail.compile().build()
}

const htmlCharsMax = 500_000

function threadHeaders(root: string): { readonly inReplyTo: string; readonly references: string } {
  return { inReplyTo: `<${root}>`, references: `<${root}>` }
}

/** RFC 5322 id from the message's own, so that servers and readers see a second sending as the same mail. */
function rfcId(id: string, sender: string): string {
  const domain = sender.split('@').at(-1) ?? 'localhost'
  return `${id.replaceAll(/[^A-Za-z0-9._-]/g, '-')}@${domain}`
}

function bareAddress(from: string): string {
  const match = addressPattern.exec(from)
  return match?.[1] ?? match?.[2] ?? from
}

/** The server of `smtp://user:password@host:port`; `undefined` where the text is none. */
function serverOf(text: string): Omit<SmtpServer, 'allowInsecure' | 'ca' | 'networks'> | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const implicitTls = url.protocol === 'smtps:'
  if ((!implicitTls && url.protocol !== 'smtp:') || url.hostname === '' || (url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') return undefined
  const user = decoded(url.username)
  const password = decoded(url.password)
  if (user === undefined || password === undefined) return undefined
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (implicitTls ? 465 : 587) : Number(url.port),
    implicitTls,
    ...(user === '' ? {} : { user, password }),
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (malformed) {
    if (malformed instanceof URIError) return undefined
    throw malformed
  }
}
