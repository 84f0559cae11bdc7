import { createEngine, errorText, sleep, type Chance, type ChannelNews, type Clock, type Config, type Engine, type OpenChannel, type Store } from 'tocsin/engine'
import type { Database } from '../stores/database.ts'
import { configurationVersions, configurationWake, entriesOf, madeProjects } from '../stores/entries.ts'
import type { Composer } from './compose.ts'
import type { ConfigFile } from './config-file.ts'
import type { Projects, RunningProject } from './projects.ts'

export interface ProjectHostParts {
  /** Another configuration of a project is in force. */
  readonly onChanged?: (project: string, version: number) => void
  /** A channel was paused, or sends again. */
  readonly onChannel?: (project: string, news: ChannelNews) => void
  /** Puts something in the place of a channel that was opened, such as one whose sends are counted. */
  readonly channelAs: (project: string, open: OpenChannel) => OpenChannel
  readonly file: ConfigFile
  readonly composer: Composer
  readonly database: Database
  readonly store: Store
  readonly clock: Clock
  readonly chance: Chance
  readonly notice: (text: string) => void
}

/** How often it looks whether another server has changed something, milliseconds. */
const pollMs = 2_000
/** Engines that end while their successors work; a further change waits for the oldest of them. */
const endingMax = 4

interface Running extends RunningProject {
  /** Of the configuration that was looked at last, in force or not. */
  version: number
}

/**
 * Runs an engine for each project and puts another in its place when its configuration changes. Nothing is lost by that: what waits,
 * what is due, what budgets and rules remember is in the store, and two engines of one project share it as two processes do. Requests
 * go to the new one from then on; the old one claims nothing more, settles what it has under way, and closes.
 *
 * @throws TocsinError `config-invalid` where the configuration file is wrong
 */
export async function openProjects({ file, composer, database, store, clock, chance, notice, channelAs, onChanged, onChannel }: ProjectHostParts): Promise<Projects> {
  let fileData = file.read()
  // As it is after `${NAME}`: the check says what it is.
  const fileProject = composer.composeWhatHolds(fileData, []).config.project
  const running = new Map<string, Running>()
  const troubles = new Map<string, string>()
  let fileTrouble: string | undefined
  const ending: Promise<void>[] = []
  let knownProjects = -1
  let isClosed = false
  /** One change after the other. */
  let tail: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = tail.then(work)
    // Only the order: whoever asked for it hears of its failure.
    tail = result.catch(() => undefined)
    return result
  }

  const baseOf = (project: string): unknown => (project === fileProject ? fileData : { project })

  /** What is committed of a project, in force from now on. */
  async function apply(project: string, version: number): Promise<void> {
    const { entries, unreadable } = composer.open(await entriesOf(database.db, project))
    const { config, problems, merged } = composer.compose(baseOf(project), entries)
    const before = running.get(project)
    const causes = [
      ...unreadable.map(({ kind, name, cause }) => `${kind}.${name}: ${cause}`),
      ...problems.map(({ thing, text }) => (thing === undefined ? text : `${thing.kind}.${thing.name}: ${text}`)),
    ]
    for (const { kind, name } of merged.shadowed) notice(`project ${project}: ${kind}.${name} was made by the API and does not hold, because the configuration file has that name too`)
    if (config !== undefined && causes.length === 0) {
      troubles.delete(project)
      return replace(project, config, version)
    }
    const cause = (causes[0] ?? '').split('\n', 1)[0] ?? ''
    troubles.set(project, causes.length > 1 ? `${cause} (and ${causes.length - 1} more)` : cause)
    notice(`project ${project}: the configuration in the database cannot be used: ${causes.join('; ')}. ${before === undefined ? 'What is wrong is left out' : 'The last one that was right goes on'}.`)
    if (before === undefined) await replace(project, composer.composeWhatHolds(baseOf(project), entries).config, version)
    else before.version = version
    tellAdmins(project, 'database', cause)
  }

  async function replace(project: string, config: Config, version: number): Promise<void> {
    const engine = createEngine({ config, store, clock, chance, notice, keepsStore: true, channelAs: (open) => channelAs(project, open), ...(onChannel !== undefined && { onChannel: (news) => onChannel(project, news) }) })
    engine.start()
    const before = running.get(project)
    running.set(project, { name: project, config, engine, version })
    if (before === undefined) return
    onChanged?.(project, version)
    await end(before.engine)
  }

  /** Not waited for: what it has under way may take seconds. */
  async function end(engine: Engine): Promise<void> {
    if (ending.length >= endingMax) await ending[0]
    const ended = engine
      .close()
      .catch((failure: unknown) => notice(`an engine whose configuration was replaced did not end well: ${errorText(failure)}. What it had under way is taken over when its lease ends.`))
      .finally(() => void ending.splice(ending.indexOf(ended), 1))
    ending.push(ended)
  }

  function tellAdmins(project: string, where: string, cause: string): void {
    running.get(project)?.engine.report({ type: 'tocsin.config-broken', source: 'engine', detail: { file: where, cause: cause.slice(0, causeCharsMax) } })
  }

  async function refreshAll(): Promise<void> {
    const versions = await configurationVersions(database.db)
    if (versions.projects !== knownProjects) {
      const names = new Set([fileProject, ...(await madeProjects(database.db)).map(({ name }) => name)])
      for (const [name, { engine }] of running) {
        if (names.has(name)) continue
        running.delete(name)
        troubles.delete(name)
        await end(engine)
      }
      for (const name of names) if (!running.has(name)) await apply(name, versions.byProject.get(name) ?? 0)
      knownProjects = versions.projects
    }
    for (const [name, { version }] of running) {
      const current = versions.byProject.get(name) ?? 0
      if (current !== version) await apply(name, current)
    }
  }

  async function poll(): Promise<void> {
    let failures = 0
    while (!isClosed) {
      await sleep(clock, pollMs, closing.signal)
      if (isClosed) return
      try {
        await inTurn(refreshAll)
        failures = 0
      } catch (failure) {
        failures += 1
        if (failures === 3) notice(`changes of the configuration by other servers are not seen: ${errorText(failure)}`)
      }
    }
  }

  const closing = new AbortController()
  await inTurn(refreshAll)
  const polling = poll()
  const stopListening = store.onWake?.((text) => {
    // The next look, within two seconds, does the same, and says why where it goes on failing.
    if (text === configurationWake && !isClosed) inTurn(refreshAll).catch(() => undefined)
  })

  return {
    fileProject,
    get fileData() {
      return fileData
    },
    names: () => [...running.keys()].toSorted(),
    get: (name) => running.get(name),
    refresh: (project) =>
      inTurn(async () => {
        if (project === undefined || !running.has(project)) return refreshAll()
        const { byProject } = await configurationVersions(database.db)
        const version = byProject.get(project) ?? 0
        if (running.get(project)?.version !== version) await apply(project, version)
      }),
    reloadFile: () =>
      inTurn(async () => {
        const where = file.path ?? 'tocsin.yaml'
        try {
          const next = file.read()
          const { config } = composer.composeWhatHolds(next, [])
          if (config.project !== fileProject) throw new TypeError(`expected project: ${fileProject} as before, found ${config.project}; start the server anew for another`)
          const { entries } = composer.open(await entriesOf(database.db, fileProject))
          const { problems } = composer.compose(next, entries)
          const [first] = problems
          if (first !== undefined) throw new TypeError(`with what the API made: ${first.thing === undefined ? '' : `${first.thing.kind}.${first.thing.name}: `}${first.text}`)
          fileData = next
          fileTrouble = undefined
          await apply(fileProject, running.get(fileProject)?.version ?? 0)
          notice(`${where} was read anew and is in force`)
          return true
        } catch (refused) {
          const cause = errorText(refused).split('\n', 1)[0] ?? ''
          fileTrouble = `${where}: ${cause}`
          notice(`${where} was changed and cannot be used; the one before goes on. ${errorText(refused)}`)
          tellAdmins(fileProject, where, cause)
          return false
        }
      }),
    troubles: () => [...(fileTrouble === undefined ? [] : [[fileProject, fileTrouble] as const]), ...troubles].map(([project, cause]) => ({ project, cause })).toSorted((one, other) => (one.project < other.project ? -1 : 1)),
    async close(forMs) {
      isClosed = true
      closing.abort()
      stopListening?.()
      await polling
      await tail
      const engines = [...running.values()].map(({ engine }) => engine.close())
      const waiting = new AbortController()
      // What takes longer is taken over by others when its lease ends.
      return Promise.race([Promise.all([...engines, ...ending]).then(() => true).finally(() => waiting.abort()), sleep(clock, forMs, waiting.signal).then(() => waiting.signal.aborted)])
    },
  }
}

const causeCharsMax = 300
