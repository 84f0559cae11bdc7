import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { ariaKeys, useKeys } from '../keys/keys'
import { useSay } from '../words/say'
import type { RowPages } from './row-pages'

/** What came since and waits above the list: pressed, or by `n`, it is shown, and the focus is on the first row. Its place is kept while nothing waits. */
export function FreshButton({ pages: { rows, fresh } }: { readonly pages: Pick<RowPages<unknown>, 'rows' | 'fresh'> }): ReactElement {
  const say = useSay()
  const isWaiting = fresh.count > 0 && rows.length > 0
  const show = (): void => {
    fresh.show()
    window.scrollTo({ top: 0 })
  }
  useKeys(isWaiting ? [{ keys: 'n', word: 'keys.fresh', group: 'list', run: show }] : [])
  return (
    <Button size="xs" variant="light" style={{ visibility: isWaiting ? 'visible' : 'hidden' }} data-fresh={fresh.count} aria-keyshortcuts={ariaKeys('n')} onClick={show}>
      {say(fresh.isMore ? 'rows.new-many' : 'rows.new', { count: fresh.count })}
    </Button>
  )
}
