/** The part that is used here of `http_ece`, which brings no types. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto'

  interface EncryptParams {
    readonly version: 'aes128gcm'
    /** The sender's key pair for this one message. */
    readonly privateKey: ECDH
    /** The receiver's public key, base64url. */
    readonly dh: string
    /** base64url. */
    readonly authSecret: string
  }

  const encoding: { encrypt(plain: Buffer, params: EncryptParams): Buffer }
  export default encoding
}
