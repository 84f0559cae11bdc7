import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

const halfYearS = 15_552_000

export interface SecuritySettings {
  /** Over TLS, here or at a proxy: then browsers are told to come by TLS alone. */
  readonly secure: boolean
  /** Origins whose pages may ask with a key, such as `https://ops.example.com`. Never with a session. @default none */
  readonly allowedOrigins: readonly string[]
}

/**
 * What browsers are told of every answer. The policy fits the dashboard, which is one page with files of its own: scripts from here and
 * nowhere else. Styles may stand in elements, because its tables and charts place things by them.
 */
export async function secure(app: FastifyInstance, { secure: overTls, allowedOrigins }: SecuritySettings): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        ...(overTls && { 'upgrade-insecure-requests': [] }),
      },
    },
    strictTransportSecurity: overTls ? { maxAge: halfYearS, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    crossOriginResourcePolicy: { policy: allowedOrigins.length === 0 ? 'same-origin' : 'cross-origin' },
  })
  // Answers hold what one person may see: no proxy keeps them, unless a route says otherwise.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
  })
  if (allowedOrigins.length === 0) return
  await app.register(cors, {
    origin: [...allowedOrigins],
    // A session is for our own page: other sites ask with a key.
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'if-match', 'if-none-match', 'tocsin-project', 'last-event-id'],
    exposedHeaders: ['etag', 'retry-after'],
    maxAge: 600,
    strictPreflight: true,
  })
}
