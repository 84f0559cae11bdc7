import type { FastifyInstance } from 'fastify'
import type { ServerParts } from '../parts.ts'

/** Adds the routes of one room. */
export type Routes = (app: FastifyInstance, parts: ServerParts) => void | Promise<void>
