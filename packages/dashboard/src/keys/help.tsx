import { ActionIcon, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { KeyName } from './key-name'
import { useSay } from '../words/say'
import { useKeys, useRegistry } from './keys'

const order = ['go', 'list', 'alert', 'page'] as const

/** `?`: all keys that do something here. */
export function KeyHelp(): ReactElement {
  const say = useSay()
  const { acts, isOn } = useRegistry()
  const [isOpen, setIsOpen] = useState(false)
  useKeys([{ keys: '?', word: 'keys.help', run: () => setIsOpen(true) }])
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say('keys.help')} title={say('keys.help')} aria-keyshortcuts="?" onClick={() => setIsOpen(true)} visibleFrom="sm">
        <span aria-hidden="true">?</span>
      </ActionIcon>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title={say('keys.help')} closeButtonProps={{ 'aria-label': say('act.close') }}>
        {!isOn && <Text size="sm">{say('keys.off')}</Text>}
        <Stack gap="md">
          {order.map((group) => {
            const shown = acts.filter((act) => (act.group ?? 'page') === group)
            return shown.length === 0 ? null : (
              <section key={group}>
                <Title order={3} size="h6" mb={4}>
                  {say(`keys.group-${group}`)}
                </Title>
                {shown.map((act) => (
                  <Group key={act.keys} justify="space-between" py={2} wrap="nowrap">
                    <Text size="sm">
                      {say(act.word)}
                      {act.reason !== undefined && (
                        <Text span c="dimmed" size="xs">
                          {' '}
                          {act.reason}
                        </Text>
                      )}
                    </Text>
                    <KeyName keys={act.keys} />
                  </Group>
                ))}
              </section>
            )
          })}
        </Stack>
      </Modal>
    </>
  )
}
