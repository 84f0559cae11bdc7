import { Badge, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactElement } from 'react'
import { useAsk, useChanged, useList, type Item } from '../../../api/ask'
import { api } from '../../../api/client'
import { useMay, useMe, useRole, type Role } from '../../../api/me'
import { ActButton } from '../../../parts/act-button'
import { ActSelect } from '../../../parts/act-select'
import { Card } from '../../../parts/card'
import { DataTable } from '../../../parts/data-table'
import { Given } from '../../../parts/given'
import { Moment } from '../../../parts/moment'
import { said } from '../../../parts/said'
import { Snippet } from '../../../parts/snippet'
import { Asked, PageHead } from '../../../parts/states'
import { useAnnounced, useTell } from '../../../parts/toasts'
import { useSay } from '../../../words/say'
import { Twice } from '../twice'

type Member = Item<'/api/v1/members'>

const roles = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const

/** `/admin/members`: who may log in, and as what. */
export function Page(): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const { data: me } = useMe()
  const { tell } = useTell()
  const changed = useChanged()
  const members = useList('/api/v1/members')
  const [link, setLink] = useState<{ readonly text: string; readonly url: string }>()
  const reason = may('members:write') ? undefined : say('admin.role-members', { role: say(`role.${role ?? 'viewer'}`) })
  const fail = (error: unknown): void => tell({ text: said(error), isBad: true })
  const give = useMutation({
    mutationFn: async ({ member, to }: { readonly member: Member; readonly to: Role }) => api.PUT('/api/v1/members/{id}', { params: { path: { id: member.id } }, body: { role: to } }),
    onSuccess: async (_, { member, to }) => {
      await changed('/api/v1/members')
      tell({ text: say('admin.role-changed', { name: member.name, role: say(`role.${to}`) }), ...(to !== member.role && { undo: () => give.mutate({ member: { ...member, role: to }, to: member.role }) }) })
    },
    onError: fail,
  })
  const remove = useMutation({
    mutationFn: async (member: Member) => api.DELETE('/api/v1/members/{id}', { params: { path: { id: member.id } } }),
    onSuccess: async (_, member) => {
      tell({ text: say('admin.removed', { name: member.name }) })
      await changed('/api/v1/members')
    },
    onError: fail,
  })
  const reset = useMutation({
    mutationFn: async (member: Member) => (await api.POST('/api/v1/members/{id}/reset-link', { params: { path: { id: member.id } } })).data,
    onSuccess: (made, member) => {
      if (made?.url === undefined) tell({ text: say('admin.reset-sent', { email: member.email }) })
      else setLink({ text: say('admin.reset-by-hand', { why: made.why ?? '' }), url: made.url })
    },
    onError: fail,
  })
  return (
    <>
      <PageHead title={say('page.members')} line={say('admin.line-members')} />
      <Stack>
        {link !== undefined && (
          <Card title={say('admin.reset')}>
            <Text size="sm">{link.text}</Text>
            <Snippet code={link.url} label={say('admin.reset')} />
          </Card>
        )}
        <Asked of={members} what={say('page.members')}>
          {({ pages }) => (
            <DataTable
              label={say('page.members')}
              rows={pages.flatMap(({ items }) => items)}
              idOf={({ id }) => id}
              minWidth={640}
              columns={[
                { id: 'name', head: say('admin.name'), cell: ({ name, id }) => (
                  <>
                    <Given>{name}</Given> {id === me?.id && <Badge variant="default" tt="none">{say('admin.you')}</Badge>}
                  </>
                ) },
                { id: 'email', head: say('admin.email'), cell: ({ email }) => <Given>{email}</Given> },
                { id: 'role', head: say('admin.role'), cell: (member) => (
                  <ActSelect size="xs" w={130} allowDeselect={false} reason={reason} aria-label={say('state.named', { name: say('admin.role'), text: member.name })} data={roles.map((one) => ({ value: one, label: say(`role.${one}`) }))} value={member.role} onChange={(value) => {
                    const to = roles.find((one) => one === value)
                    if (to !== undefined && to !== member.role) give.mutate({ member, to })
                  }} />
                ) },
                { id: 'since', head: say('admin.since'), cell: ({ sinceMs }) => <Moment atMs={sinceMs} /> },
                { id: 'acts', head: say('admin.remove'), isQuiet: true, cell: (member) => (
                  <Group gap={4} wrap="nowrap">
                    <Twice label={say('admin.reset')} of={member.name} sure={say('admin.reset-sure')} reason={reason} run={() => reset.mutate(member)} />
                    <Twice isRed label={say('admin.remove')} of={member.name} sure={say('admin.remove-sure')} reason={reason} run={() => remove.mutate(member)} />
                  </Group>
                ) },
              ]}
            />
          )}
        </Asked>
        {members.hasNextPage && (
          <ActButton variant="default" onClick={() => void members.fetchNextPage()}>
            {say('act.more')}
          </ActButton>
        )}
        <Invitations reason={reason} />
      </Stack>
    </>
  )
}

function Invitations({ reason }: { readonly reason: string | undefined }): ReactElement {
  const say = useSay()
  const { tell } = useTell()
  const changed = useChanged()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('developer')
  const [made, setMade] = useState<{ readonly why: string; readonly url: string }>()
  const byHand = made === undefined ? undefined : say('admin.invited-by-hand', { why: made.why })
  useAnnounced(byHand)
  const invitations = useAsk('/api/v1/invitations')
  const invite = useMutation({
    mutationFn: async (body: { readonly email: string; readonly role: Role }) => (await api.POST('/api/v1/invitations', { body })).data,
    onSuccess: async (answer, body) => {
      setEmail('')
      setMade(answer?.url === undefined ? undefined : { why: answer.why ?? '', url: answer.url })
      if (answer?.url === undefined) tell({ text: say('admin.invited', { email: body.email }) })
      await changed('/api/v1/invitations')
    },
  })
  const takeBack = useMutation({
    mutationFn: async ({ id }: Item<'/api/v1/invitations'>) => api.DELETE('/api/v1/invitations/{id}', { params: { path: { id } } }),
    onSuccess: async (_, { email: of, role: as }) => {
      await changed('/api/v1/invitations')
      tell({ text: say('admin.taken-back', { email: of }), undo: () => invite.mutate({ email: of, role: as }) })
    },
    onError: (error) => tell({ text: said(error), isBad: true }),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (reason === undefined) invite.mutate({ email: email.trim(), role })
  }
  return (
    <Card title={say('admin.invite')}>
      <Stack gap="sm">
        <form onSubmit={submit}>
          <Group align="flex-end" gap="xs">
            <TextInput label={say('admin.email')} type="email" required miw={220} style={{ flex: 1 }} value={email} onChange={(event) => setEmail(event.currentTarget.value)} error={invite.error === null ? undefined : said(invite.error)} />
            <Select label={say('admin.role')} w={140} allowDeselect={false} data={roles.map((one) => ({ value: one, label: say(`role.${one}`) }))} value={role} onChange={(value) => setRole(roles.find((one) => one === value) ?? role)} />
            <ActButton type="submit" reason={reason} loading={invite.isPending}>
              {say('admin.invite')}
            </ActButton>
          </Group>
        </form>
        {made !== undefined && (
          <div>
            <Text size="sm">{byHand}</Text>
            <Snippet code={made.url} label={say('admin.invite')} />
          </div>
        )}
        <Asked of={invitations} what={say('admin.invitations')} rows={1}>
          {({ items }) =>
            items.length === 0 ? null : (
              <DataTable
                label={say('admin.invitations')}
                rows={items}
                idOf={({ id }) => id}
                columns={[
                  { id: 'email', head: say('admin.email'), cell: ({ email: of }) => <Given>{of}</Given> },
                  { id: 'role', head: say('admin.role'), cell: ({ role: as }) => say(`role.${as}`) },
                  { id: 'until', head: say('admin.expires'), cell: ({ expiresMs }) => <Moment atMs={expiresMs} /> },
                  { id: 'back', head: say('admin.take-back'), isQuiet: true, cell: (one) => (
                    <ActButton size="compact-xs" variant="subtle" color="red" reason={reason} onClick={() => takeBack.mutate(one)} aria-label={say('state.named', { name: say('admin.take-back'), text: one.email })}>
                      {say('admin.take-back')}
                    </ActButton>
                  ) },
                ]}
              />
            )
          }
        </Asked>
      </Stack>
    </Card>
  )
}
