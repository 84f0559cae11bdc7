import { lazy, Suspense, useEffect, type ReactElement } from 'react'
import { useMay, useMe, useRole, useWhomToAsk } from '../api/me'
import { Empty, Loading, PageHead } from '../parts/states'
import { useSay } from '../words/say'
import { useProject } from './project'
import type { Page } from './pages'

/** The page, where its reader may see it; else who they are and whom to ask. */
export function ofPage(page: Page): () => ReactElement {
  const Inner = lazy(async () => ({ default: (await page.load()).Page }))
  return function Gate(): ReactElement {
    const say = useSay()
    const may = useMay()
    const role = useRole()
    const project = useProject()
    const { data: me } = useMe()
    const who = useWhomToAsk()
    const name = say(page.word)
    useEffect(() => {
      document.title = `${name} · ${project} · Tocsin`
    }, [name, project])
    if (me !== undefined && role === undefined) return <Refused name={name} why={say('state.no-project', { project })} />
    if (page.needs !== undefined && !may(page.needs)) return <Refused name={name} why={say('state.role-may-not', { role: say(`role.${role ?? 'viewer'}`), page: name, who })} />
    return (
      <Suspense fallback={<Loading />}>
        <Inner />
      </Suspense>
    )
  }
}

function Refused({ name, why }: { readonly name: string; readonly why: string }): ReactElement {
  return (
    <>
      <PageHead title={name} />
      <Empty>{why}</Empty>
    </>
  )
}
