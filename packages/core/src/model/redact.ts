/** Replaces what must not be kept or shown. Pure, linear in the length of the text, never throws. */
export type Redact = (text: string) => string
