import type { Command, Option } from 'commander'
import { TocsinError } from '../model/error.ts'
import type { Report } from './report.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** A command with what may follow it, as the declarations of the commands have it. */
interface Place {
  /** The words before it, such as `silence add`; empty for the program itself. */
  readonly path: string
  readonly commands: readonly Described[]
  readonly options: readonly (Described & { readonly takesValue: boolean })[]
}

interface Described {
  readonly name: string
  readonly description: string
}

/**
 * The script by which a shell completes the command line, made of the commands themselves.
 *
 * @param shell `bash`, `zsh` or `fish`
 * @throws TocsinError `wrong-usage` for another shell
 */
export function completion(program: Command, shell: string): Report {
  const known = shells.find((one) => one === shell)
  if (known === undefined) throw new TocsinError('wrong-usage', `Expected one of ${shells.join(', ')}, found "${shell}".`)
  const places = placesOf(program, '')
  const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[known](places)
  return { lines: script, value: { shell: known, script: `${script.join('\n')}\n` }, ok: true }
}

function placesOf(command: Command, path: string): readonly Place[] {
  const commands = command.commands.filter((one) => one.name() !== 'help')
  const place: Place = {
    path,
    commands: commands.map((one) => ({ name: one.name(), description: one.description() })),
    options: [...command.options.map(optionOf), { name: '--help', description: 'display help for command', takesValue: false }],
  }
  return [place, ...commands.flatMap((one) => placesOf(one, path === '' ? one.name() : `${path} ${one.name()}`))]
}

function optionOf({ long, short, description, required, optional }: Option): Place['options'][number] {
  return { name: long ?? short ?? '', description, takesValue: required || optional }
}

/** Words after each place; after an option that takes a value, files. */
function bashScript(places: readonly Place[]): readonly string[] {
  const withValue = [...new Set(places.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue).map(({ name }) => name)))]
  return [
    '# tocsin completion for bash. To use it: source <(tocsin completion bash)',
    '_tocsin() {',
    '  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} place="" next="" i',
    `  case $before in ${withValue.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;; esac`,
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    next="${place:+$place }${COMP_WORDS[i]}"',
    `    case $next in ${places.filter(({ path }) => path !== '').map(({ path }) => quoted(path)).join('|')}) place=$next ;; esac`,
    '  done',
    '  case $place in',
    ...places.map(({ path, commands, options }) => `    ${quoted(path)}) next=${quoted([...commands, ...options].map(({ name }) => name).join(' '))} ;;`),
    '  esac',
    '  COMPREPLY=($(compgen -W "$next" -- "$word"))',
    '  [[ ${#COMPREPLY[@]} -gt 0 || $word == -* ]] || COMPREPLY=($(compgen -f -- "$word"))',
    '}',
    'complete -o filenames -F _tocsin tocsin',
  ]
}

function zshScript(places: readonly Place[]): readonly string[] {
  return [
    '#compdef tocsin',
    '# tocsin completion for zsh. To use it: tocsin completion zsh > "${fpath[1]}/_tocsin"',
    '_tocsin() {',
    '  local place="" next i',
    '  local -a choices',
    '  for ((i = 2; i < CURRENT; i++)); do',
    '    next="${place:+$place }${words[i]}"',
    `    case $next in (${places.filter(({ path }) => path !== '').map(({ path }) => quoted(path)).join('|')}) place=$next ;; esac`,
    '  done',
    '  case $place in',
    ...places.map(({ path, commands, options }) => `    (${quoted(path)}) choices=(${[...commands, ...options].map(({ name, description }) => quoted(`${name.replaceAll(':', String.raw`\:`)}:${description}`)).join(' ')}) ;;`),
    '  esac',
    "  _describe 'tocsin' choices || _files",
    '}',
    // Loaded from a file of $fpath it is called; given to `source` it registers itself.
    'if [[ $funcstack[1] == _tocsin ]]; then _tocsin "$@"; else compdef _tocsin tocsin; fi',
  ]
}

function fishScript(places: readonly Place[]): readonly string[] {
  return [
    '# tocsin completion for fish. To use it: tocsin completion fish > ~/.config/fish/completions/tocsin.fish',
    'function __tocsin_at',
    '  set -l place',
    '  for word in (commandline -opc)[2..-1]',
    "    set -l next (string trim -- \"$place $word\")",
    `    contains -- $next ${places.filter(({ path }) => path !== '').map(({ path }) => quoted(path)).join(' ')}; and set place $next`,
    '  end',
    '  test "$place" = "$argv[1]"',
    'end',
    ...places.flatMap(({ path, commands, options }) => {
      const at = `complete -c tocsin -n ${quoted(`__tocsin_at "${path}"`)}`
      return [
        ...commands.map(({ name, description }) => `${at} -f -a ${quoted(name)} -d ${quoted(description)}`),
        ...options.map(({ name, description, takesValue }) => `${at} -l ${name.replace(/^--?/, '')}${takesValue ? ' -r' : ''} -d ${quoted(description)}`),
      ]
    }),
  ]
}

/** In single quotes, as all three take it: what is described may hold quotes, dollars and backquotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`
}
