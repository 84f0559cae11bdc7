/** The two ways in which OTLP is written over HTTP; an answer is written like its request. */
export type OtlpForm = 'json' | 'protobuf'

export const contentTypes: Readonly<Record<OtlpForm, string>> = { json: 'application/json', protobuf: 'application/x-protobuf' }

/** What became of one export request. */
export interface PartialSuccess {
  /** Items that were not taken and must not be sent again. */
  readonly rejected: number
  /** Why, or what else whoever sends should know; empty: all is well. */
  readonly message: string
}

/** What a signal calls its rejected items in JSON; in protobuf they are the first field of all. */
export type RejectedName = 'rejectedSpans' | 'rejectedLogRecords' | 'rejectedDataPoints'

/** `Export…ServiceResponse`: empty where all was taken. */
export function successBody(form: OtlpForm, rejectedName: RejectedName, { rejected, message }: PartialSuccess): Buffer {
  const isWhole = rejected === 0 && message === ''
  if (form === 'json') {
    // 64-bit numbers are texts in protobuf's JSON.
    return Buffer.from(JSON.stringify(isWhole ? {} : { partialSuccess: { [rejectedName]: String(rejected), errorMessage: message } }))
  }
  return isWhole ? Buffer.alloc(0) : delimited(1, Buffer.concat([numbered(1, rejected), delimited(2, Buffer.from(message))]))
}

/** Words of `google.rpc.Code` for the statuses that are answered here. */
const rpcCodes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 408: 4, 413: 8, 415: 3, 422: 3, 429: 8, 503: 14 }
const internal = 13

/** `google.rpc.Status`, as OTLP asks for with every error. */
export function statusBody(form: OtlpForm, status: number, message: string): Buffer {
  const code = rpcCodes[status] ?? internal
  return form === 'json' ? Buffer.from(JSON.stringify({ code, message })) : Buffer.concat([numbered(1, code), delimited(2, Buffer.from(message))])
}

function delimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
}

/** A number from 0; 0 is what a field says that is not there. */
function numbered(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(field * 8), varint(value)])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}
