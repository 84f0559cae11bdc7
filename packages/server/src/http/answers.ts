import { z } from 'zod'

/** A problem document (RFC 9457): what every route may answer instead. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'What is answered instead (RFC 9457). `type` is a closed word for programs; `errors` names places in what was sent by JSON Pointer, or `?name` for a parameter.' })

/** A value that is answered as it was written, and not as it is read: in the document it is the input form of that schema. */
export function asWritten(schema: z.ZodType): z.ZodType {
  const id = schema.meta()?.id
  return z.unknown().meta(id === undefined ? {} : { [asWrittenKey]: `${id}Input` })
}

export const asWrittenKey = 'x-tocsin-as-written'
