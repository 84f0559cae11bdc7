import type { Role } from 'tocsin/engine'
import type { RunningProject } from '../projects/projects.ts'
import { channelFor, sendOnce, type SentOnce } from './send-once.ts'

/** For one reader: whoever is invited, or gets a new way in. */
export interface LinkMail {
  readonly project: RunningProject
  readonly to: string
  /** Who sends it, for people. */
  readonly by: string
  readonly link: string
}

/** Sends an invitation by the project's own channel for e-mail. */
export function sendInvitation({ role, ...mail }: LinkMail & { readonly role: Role }): Promise<SentOnce> {
  const { project, by } = mail
  return sendLink(mail, `${by} invites you to Tocsin`, `${by} invites you to the project ${project.name} in Tocsin, as ${role}. Open this link within 7 days:`)
}

/** Sends the link by which somebody sets a new password. */
export function sendReset(mail: LinkMail): Promise<SentOnce> {
  return sendLink(mail, 'Set a new password for Tocsin', `${mail.by} made you a link to set a new password for Tocsin. Your sessions have ended. Open this link within 24 hours:`)
}

async function sendLink({ project, to, by, link }: LinkMail, title: string, words: string): Promise<SentOnce> {
  const channel = channelFor(project.engine.channels, 'email')
  if (channel === undefined) return { sent: false, why: 'The project has no channel for e-mail.' }
  return sendOnce({ config: project.config, channel, to, title, body: `${words}\n\n${link}\n\nIf you do not know ${by}, ignore this message.` })
}
