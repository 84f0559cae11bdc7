import { pino, type DestinationStream, type Logger } from 'pino'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** How much is written: `silent` nothing, `warn` only what needs somebody, `info` also what happened to the server itself, `debug` each request too. */
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LoggerOptions {
  /** Takes secrets out of what is written. @default nothing is taken out */
  readonly redact?: (text: string) => string
  /** Where it goes. @default stderr */
  readonly to?: DestinationStream
}

/**
 * One JSON object a line. No body, no header and no query is ever written, and of addresses whose path is itself a secret only what kind they
 * are: what is not written cannot leak. What others worded (errors of the database, of handlers) passes through `redact`.
 */
export function createLogger(level: LogLevel, { redact = (text) => text, to }: LoggerOptions = {}): Logger {
  return pino(
    {
      level,
      base: undefined,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value])),
      },
      hooks: {
        logMethod(given, method) {
          const [first, ...rest] = given
          // Of an error alone the message would be taken as it is.
          const safe: unknown[] = first instanceof Error ? [{ err: first }, first.message, ...rest] : [first, ...rest]
          // Reason for the cast: as many, and of the same kinds, as were given.
          method.apply(this, safe.map((one) => (typeof one === 'string' ? redact(one) : one)) as Parameters<typeof method>)
        },
      },
      serializers: {
        req: (request: FastifyRequest) => ({ id: request.id, method: request.method, path: shownPath(request), from: request.ip }),
        res: (reply: FastifyReply) => ({ status: reply.statusCode }),
        err: (failure: unknown) => (failure instanceof Error ? { name: failure.name, message: redact(failure.message), stack: redact(failure.stack ?? '') } : { name: typeof failure }),
      },
    },
    to ?? pino.destination({ dest: 2, sync: true }),
  )
}

/** The route as it is declared: parameters are ids and tokens. */
function shownPath({ routeOptions, url }: FastifyRequest): string {
  return routeOptions.url ?? (url.split('?', 1)[0] ?? '').replaceAll(/[^/]{20,}/g, '…')
}
