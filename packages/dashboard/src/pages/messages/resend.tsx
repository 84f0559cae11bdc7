import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useChanged, type Answer } from '../../api/ask'
import { api } from '../../api/client'
import { useMay, useRole } from '../../api/me'
import { useProject } from '../../app/project'
import { ActButton } from '../../parts/act-button'
import { useAmounts } from '../../parts/amounts'
import { said } from '../../parts/said'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'

/** What is due within it goes at once, milliseconds. */
const atOnceMs = 2_000

/** Sends a message that ended again. It cannot be taken back, so it has no key, and says when it goes. */
export function Resend({ delivery: { id, person, channel, state } }: { readonly delivery: Answer<'/api/v1/deliveries/{id}'> }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const project = useProject()
  const navigate = useNavigate()
  const changed = useChanged()
  const { tell } = useTell()
  const { time } = useAmounts()
  const resend = useMutation({
    mutationFn: async () => (await api.POST('/api/v1/deliveries/{id}/resend', { params: { path: { id } }, body: {} })).data,
    onSuccess: async (made) => {
      if (made === undefined) return
      const at = time(made.dueMs)
      const when = made.heldBy !== undefined ? say(`message.resent-held-${made.heldBy}`, { time: at }) : made.dueMs <= Date.now() + atOnceMs ? say('message.resent-now') : say('message.resent-at', { time: at })
      tell({ text: say('message.resent', { person, channel, when }) })
      await changed('/api/v1/deliveries')
      await navigate({ to: `/p/${project}/messages/${made.delivery}` })
    },
    onError: (error) => tell({ text: say('message.not-resent', { why: said(error) }), isBad: true }),
  })
  const reason = !may('messages:resend') ? say('message.resend-role', { role: say(`role.${role ?? 'viewer'}`) }) : state !== 'done' ? say('message.resend-not-ended') : undefined
  return (
    <ActButton variant="default" reason={reason} loading={resend.isPending} onClick={() => resend.mutate()}>
      {say('message.resend')}
    </ActButton>
  )
}
