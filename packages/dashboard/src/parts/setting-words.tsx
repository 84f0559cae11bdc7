import { useCallback, type ReactNode } from 'react'
import { inline } from './marked'
import { channelSettings } from '../words/zh-CN/channel-settings'
import { useLocale } from '../words/say'

/** Says what a kind of channel declares of itself in the reader's language; what there are no words for stays English, and says that it is. */
export function useSettingWords(): { readonly text: (english: string) => string; readonly shown: (english: string) => ReactNode } {
  const { locale } = useLocale()
  const text = useCallback((english: string) => (locale === 'zh-CN' ? (channelSettings[english] ?? english) : english), [locale])
  const shown = useCallback(
    (english: string) => {
      const said = text(english)
      return locale !== 'en' && said === english ? <span lang="en">{inline(said)}</span> : <>{inline(said)}</>
    },
    [locale, text],
  )
  return { text, shown }
}
