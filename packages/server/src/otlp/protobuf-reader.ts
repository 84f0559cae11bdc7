import { isUtf8 } from 'node:buffer'

/** What was sent is no message of this form. The text says where, and nothing of what was sent. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** How a field is written: the low three bits of its tag. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Texts up to this long are remembered: names of attributes and models repeat in every span. */
const remembered = 48
const memorySize = 4_096
/** Where a text would be found that was read before. One of another text is simply replaced. */
const memory: (string | undefined)[] = Array.from({ length: memorySize })

/**
 * Reads protobuf by hand, field by field, and believes nothing: lengths end within what holds them, wire types are those of the field,
 * texts are UTF-8. By hand because generated code took three to six times as long.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  pos = 0
  /** Where the message ends that is read now. */
  end: number
  /** Wire type of the field whose tag was read last. */
  type = 0
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.end = bytes.length
  }

  /** Number of the next field, or 0 at the end of the message. */
  field(): number {
    if (this.pos >= this.end) {
      if (this.pos > this.end) throw this.#malformed('a field that is longer than its message')
      return 0
    }
    const first = this.bytes[this.pos] ?? 0
    let tag = first
    if (first < 0x80) this.pos++
    else tag = this.varint()
    this.type = tag & 7
    const number = Math.floor(tag / 8)
    if (number === 0 || number > 536_870_911) throw this.#malformed('a field number from 1 to 536870911')
    return number
  }

  /** Goes into the message in this field; returns where the outer one ends, for `leave`. */
  enter(): number {
    const length = this.#length()
    const outer = this.end
    this.end = this.pos + length
    return outer
  }

  leave(outer: number): void {
    if (this.pos !== this.end) throw this.#malformed('a message that ends where its length says')
    this.end = outer
  }

  /** Passes the message, text or bytes in this field. */
  over(): void {
    // Apart: `this.pos +=` would add to where it was before the length was read.
    const length = this.#length()
    this.pos += length
  }

  /** Passes a field that nobody reads. */
  skip(): void {
    switch (this.type) {
      case wire.varint:
        this.varint()
        break
      case wire.fixed64:
        this.#move(8)
        break
      case wire.bytes:
        this.over()
        break
      case wire.fixed32:
        this.#move(4)
        break
      default:
        throw this.#malformed('a wire type of 0, 1, 2 or 5')
    }
  }

  /** A whole number from 0; beyond 2^53 not exact. */
  varint(): number {
    let result = 0
    let factor = 1
    for (let count = 0; count < 10; count++) {
      if (this.pos >= this.end) throw this.#malformed('more bytes of a number')
      const byte = this.bytes[this.pos++] ?? 0
      result += (byte & 0x7f) * factor
      if (byte < 0x80) {
        if (count === 9 && byte > 1) break
        return result
      }
      factor *= 128
    }
    throw this.#malformed('a number of at most 64 bits')
  }

  uint(): number {
    this.#expect(wire.varint)
    return this.varint()
  }

  /** As `int64` is written: negative numbers take ten bytes. Beyond 2^53 not exact. */
  int(): number {
    this.#expect(wire.varint)
    const start = this.pos
    const unsigned = this.varint()
    if (unsigned < 2 ** 53) return unsigned
    let value = 0n
    for (let at = start, shift = 0n; at < this.pos; at++, shift += 7n) value |= BigInt((this.bytes[at] ?? 0) & 0x7f) << shift
    return Number(BigInt.asIntN(64, value))
  }

  bool(): boolean {
    return this.uint() !== 0
  }

  double(): number {
    this.#expect(wire.fixed64)
    const at = this.pos
    this.#move(8)
    return this.bytes.readDoubleLE(at)
  }

  /** As `sfixed64` is written. Beyond 2^53 not exact. */
  fixedInt(): number {
    this.#expect(wire.fixed64)
    const at = this.pos
    this.#move(8)
    return this.bytes.readInt32LE(at + 4) * 4_294_967_296 + this.bytes.readUInt32LE(at)
  }

  /** Nanoseconds since 1970 as milliseconds with their fraction; 0 where there are none. As exact as a double can say it. */
  instant(): number {
    this.#expect(wire.fixed64)
    const at = this.pos
    this.#move(8)
    const low = this.bytes.readUInt32LE(at)
    const high = this.bytes.readUInt32LE(at + 4)
    // 2^32 ns are 4294 ms and 967296 ns: whole milliseconds and their fraction are kept apart until the last addition.
    const restNs = high * 967_296 + low
    return high * 4_294 + Math.floor(restNs / 1_000_000) + (restNs % 1_000_000) / 1_000_000
  }

  text(): string {
    const length = this.#length()
    const start = this.pos
    this.pos += length
    return length <= remembered ? this.#shortText(start, this.pos) : this.#longText(start, this.pos)
  }

  /** Bytes as hexadecimal digits; anything but `size` bytes, and nothing but zeros, is no id. */
  id(size: number): string | undefined {
    const length = this.#length()
    const start = this.pos
    this.pos += length
    if (length !== size) return undefined
    const hex = this.bytes.toString('hex', start, this.pos)
    return /[^0]/.test(hex) ? hex : undefined
  }

  base64(): string {
    const length = this.#length()
    const start = this.pos
    this.pos += length
    return this.bytes.toString('base64', start, this.pos)
  }

  #shortText(start: number, end: number): string {
    const { bytes } = this
    let hash = 0
    let high = 0
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0
      high |= byte
      hash = Math.imul(hash ^ byte, 0x01000193) + byte
    }
    if (high >= 0x80) return this.#longText(start, end)
    const slot = (hash ^ (hash >>> 15)) & (memorySize - 1)
    const known = memory[slot]
    if (known?.length === end - start && isAt(bytes, start, known)) return known
    const text = bytes.toString('latin1', start, end)
    memory[slot] = text
    return text
  }

  #longText(start: number, end: number): string {
    if (!isUtf8(this.bytes.subarray(start, end))) throw this.#malformed('text in UTF-8')
    return this.bytes.toString('utf8', start, end)
  }

  #length(): number {
    this.#expect(wire.bytes)
    const length = this.varint()
    if (length > this.end - this.pos) throw this.#malformed('as many bytes as the length says')
    return length
  }

  #move(count: number): void {
    if (this.pos + count > this.end) throw this.#malformed(`${count} bytes of a number`)
    this.pos += count
  }

  #expect(type: number): void {
    if (this.type !== type) throw this.#malformed(`wire type ${type}, found ${this.type}`)
  }

  #malformed(expected: string): MalformedMessage {
    return new MalformedMessage(`expected ${expected} at byte ${this.pos}`)
  }
}

function isAt(bytes: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text.charCodeAt(index)) return false
  return true
}
