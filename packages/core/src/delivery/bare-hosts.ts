import { eventTypes } from '../model/event.ts'

/**
 * Readers turn a bare `evil.support` into a link by themselves, each by a list of endings of its own that grows. So all that
 * looks like a host is taken for one, and only what is known to be a file or a piece of code is left as it is.
 *
 * @example defuseBareHosts('see login.evil.support, main.ts and error.message') // 'see login[.]evil[.]support, main.ts and error.message'
 */
export function defuseBareHosts(text: string): string {
  const isAscii = ascii.test(text)
  let defused = text
  if ((isAscii ? dotInWord : dotInAnyWord).test(defused)) {
    // Two expressions, because looking letters up in Unicode takes three times as long.
    defused = defused.replace(isAscii ? asciiHost : anyHost, (all, labels: string, ending: string, next: string | undefined) => (isHost(labels, ending, next) ? withoutDots(labels) + ending : all))
  }
  if (portOrPath.test(defused)) defused = defused.replace(numericHost, withoutDots)
  return isAscii ? defused : defused.replace(otherStop, (stop, ending: string) => (isSentence(ending) ? stop : '[.]'))
}

// eslint-disable-next-line no-control-regex -- the range is that of ASCII
const ascii = /^[\x00-\x7f]*$/
/** A full stop at the end of a sentence makes no host. */
const dotInWord = /\.[a-z]/i
const dotInAnyWord = /\.\p{L}/u

/**
 * Labels, the last ending of letters, and what follows it where that matters; `gpt-4.1` and `v1.2.3` have no such ending. A match
 * begins only where a row of labels does, and labels hold no dots: that is what keeps the time in proportion to the length.
 */
const asciiHost = /(?<![a-z0-9_-]|[a-z0-9_-]\.)((?:[a-z0-9_-]+\.)+)((?:xn--[a-z0-9-]{2,59}|[a-z]{2,24})(?![a-z0-9_]))(?=([/-])?)/gi
const anyHost =
  /(?<![\p{L}\p{M}\p{N}_-]|[\p{L}\p{M}\p{N}_-]\.)((?:[\p{L}\p{M}\p{N}_-]+\.)+)((?:xn--[a-z0-9-]{2,59}|[a-z]{2,24})(?![a-z0-9_])|(?=[a-z]?[^\0-\x7f])[\p{L}\p{M}]{2,24})(?=([/-])?)/giu

const portOrPath = /\.\d{1,3}(?:\/|:\d)/
/** This machine itself is nobody's trap. */
const numericHost = /\b(?!127\.)(?:\d{1,3}\.){3}\d{1,3}(?=\/|:\d)/g

/** Address bars take an ideographic full stop for a dot. Between Chinese words it is nothing but a full stop. */
const otherStop = /(?<=[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}\d-])[\u3002\uff0e\uff61](?=([\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}]{2,24}))/gu

const commonEndings = words('com net org io ai dev app co cn ru info biz me ly gl gg xyz top site online shop link club live uk de fr jp in eu us tv cc hk tw edu gov int mobi name pro zip mov')

/** Endings of files. None of these, nor of the next two lists, is the ending of hosts on the internet. */
const fileEndings = words(
  'js ts jsx tsx mjs cjs mts cts json jsonl ndjson yaml yml toml ini cfg conf env lock txt log csv tsv parquet html htm css scss less xml svg png jpg jpeg gif webp ico bmp pdf doc docx xls xlsx ppt pptx ' +
    'tar gz tgz xz zst rar jar war whl deb rpm dmg exe dll bin dat db sqlite wal bak tmp swp pem crt cer csr key ipynb kt kts swift cpp hpp cxx cs php rb go lua dart scala clj exs erl elm vue svelte sql graphql proto gradle mdx rst tex',
)
/** What programs, traces and our own conditions say after a dot. */
const codeNames = words(
  'message messages length prototype constructor stack cause status statuscode content choices completions create parse stringify usage tokens tool model models role roles text type types value values keys push then catch join split ' +
    'format slice filter reduce foreach tostring exports argv stdout stderr stdin config options params args kwargs append dtype shape columns index user tags detail excerpt environment provider operation severity rule kind state count budget percent ' +
    'atms durationms sessionid finishreason inputtokens outputtokens cachereadtokens cachewritetokens reasoningtokens timetofirsttokenms retries costusd costsource errorclass errormessage errorcode endstate endreason openedatms',
)
const privateEndings = words('internal local localhost localdomain')
/** `RateLimitError`, `NullPointerException`. */
const failureName = /(?:error|exception)$/i
/** Endings of files and of hosts: `main.py` is a file, `login.main.py` a host. */
const fileOrCountry = words('py rs md sh pl tf java')
/** Our own words for what happened, such as `llm.call`. */
const ownWords: ReadonlySet<string> = new Set(eventTypes)

function isHost(labels: string, ending: string, next: string | undefined): boolean {
  const last = ending.toLowerCase()
  if (next === '/') return true
  // No ending goes on after a dash, and model names do: `anthropic.claude-3-5-sonnet`.
  if (next === '-') return commonEndings.has(last)
  if (fileEndings.has(last) || codeNames.has(last) || privateEndings.has(last) || failureName.test(last) || ownWords.has(labels + ending)) return false
  if (fileOrCountry.has(last)) return labels.indexOf('.') < labels.length - 1
  // `1.` before a word that is not of Latin letters numbers it.
  return !/^\d+\.$/.test(labels) || /^[a-z]/i.test(ending)
}

/** A sentence that begins after an ideographic full stop begins with a capital letter. */
function isSentence(word: string): boolean {
  return /^\p{Lu}/u.test(word) && !commonEndings.has(word.toLowerCase())
}

function withoutDots(host: string): string {
  return host.replaceAll('.', '[.]')
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '))
}
