import { ActionIcon, Modal, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useId, useState, type KeyboardEvent, type ReactElement } from 'react'
import { useMay } from '../api/me'
import { listPath, pages } from '../app/pages'
import { useProject } from '../app/project'
import { useSay } from '../words/say'
import { KeyName } from './key-name'
import { useKeys, useRegistry } from './keys'
import classes from './palette.module.css'

interface Choice {
  readonly id: string
  readonly text: string
  readonly keys?: string
  readonly reason?: string | undefined
  readonly run: () => void
}

const shownMax = 50
/** An id that is typed leads to its page. */
const ids = [
  [/^alt_\d{1,15}$/, 'alerts'],
  [/^dlv_\d{1,15}$/, 'messages'],
] as const

/** Ctrl K: every page and every act that has a key, found by typing. */
export function Palette(): ReactElement {
  const say = useSay()
  const [isOpen, setIsOpen] = useState(false)
  useKeys([{ keys: 'mod+k', word: 'keys.palette', run: () => setIsOpen((known) => !known) }])
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say('keys.palette')} title={`${say('keys.palette')} (Ctrl K)`} aria-keyshortcuts="Control+K" onClick={() => setIsOpen(true)}>
        <span aria-hidden="true">⌕</span>
      </ActionIcon>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} withCloseButton={false} padding={0} size="lg" yOffset="12vh" attributes={{ content: { 'aria-label': say('keys.palette') } }}>
        <Finder close={() => setIsOpen(false)} />
      </Modal>
    </>
  )
}

function Finder({ close }: { readonly close: () => void }): ReactElement {
  const say = useSay()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const id = useId()
  const choices = useChoices(text)
  const chosen = Math.min(at, Math.max(0, choices.length - 1))
  const run = (choice: Choice | undefined): void => {
    if (choice === undefined || choice.reason !== undefined) return
    close()
    // After the focus is back where it was: an act may move it.
    requestAnimationFrame(choice.run)
  }
  const pressed = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(1, choices.length))
    else if (event.key === 'ArrowUp') setAt((chosen + choices.length - 1) % Math.max(1, choices.length))
    else if (event.key === 'Enter') run(choices[chosen])
    else return
    event.preventDefault()
  }
  return (
    <>
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        px="md"
        value={text}
        placeholder={say('palette.type')}
        aria-label={say('palette.type')}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        {...(choices.length > 0 && { 'aria-activedescendant': `${id}-${chosen}` })}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={pressed}
      />
      <div role="listbox" id={`${id}-list`} aria-label={say('keys.palette')} className={classes['list']}>
        {choices.map((choice, index) => (
          <UnstyledButton key={choice.id} id={`${id}-${index}`} role="option" aria-selected={index === chosen} aria-disabled={choice.reason !== undefined} tabIndex={-1} className={classes['choice'] ?? ''} onMouseMove={() => setAt(index)} onClick={() => run(choice)} ref={(element) => void (index === chosen && element?.scrollIntoView({ block: 'nearest' }))}>
            <span>
              {choice.text}
              {choice.reason !== undefined && (
                <Text span size="xs" c="dimmed">
                  {' '}
                  {choice.reason}
                </Text>
              )}
            </span>
            {choice.keys !== undefined && <KeyName keys={choice.keys} />}
          </UnstyledButton>
        ))}
        {choices.length === 0 && (
          <Text p="md" c="dimmed" size="sm">
            {say('palette.nothing')}
          </Text>
        )}
      </div>
    </>
  )
}

function useChoices(text: string): readonly Choice[] {
  const say = useSay()
  const may = useMay()
  const project = useProject()
  const navigate = useNavigate()
  const { acts } = useRegistry()
  const wanted = text.trim().toLowerCase()
  const go = (path: string): void => void navigate({ to: `/p/${project}${path}` })
  const places = pages
    .filter(({ needs }) => needs === undefined || may(needs))
    .map((page): Choice => ({ id: page.path, text: say(page.word), ...(page.key !== undefined && { keys: `g ${page.key}` }), run: () => go(listPath(page)) }))
  const known = acts.filter(({ group, keys }) => group !== 'go' && keys !== 'mod+k').map((act): Choice => ({ id: act.keys, text: say(act.word), keys: act.keys, reason: act.reason, run: act.run }))
  const direct = ids.flatMap(([form, path]): Choice[] => (form.test(wanted) ? [{ id: wanted, text: wanted, run: () => go(`/${path}/${wanted}`) }] : []))
  return [...direct, ...[...known, ...places].filter((choice) => choice.text.toLowerCase().includes(wanted))].slice(0, shownMax)
}
