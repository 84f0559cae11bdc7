import type { Clock, Config } from 'tocsin/engine'
import { recordChange } from '../access/audit.ts'
import { Problem, type ProblemPlace } from '../http/problem.ts'
import type { Actor, Connection } from '../stores/audit.ts'
import type { Database } from '../stores/database.ts'
import { addProject, changingConfiguration, configurationVersions, entriesOf, madeProjects, nextVersion, putEntry, removeEntry, removeProject } from '../stores/entries.ts'
import type { EntryRow, ProjectRow } from '../stores/tables.ts'
import type { Composer } from './compose.ts'
import { checkCondition, mergePatched, tagOf, type Condition } from './entry-changes.ts'
import { opened, sealed, shown, withKept } from './entry-secrets.ts'
import { itemOf, itemsOf, shownRow, type Item, type ItemList } from './items.ts'
import { settingNames, type Kind } from './kinds.ts'
import { namelessPattern, thingsOfFile, type ThingProblem } from './merge.ts'
import type { Projects } from './projects.ts'
import { reachesInside } from './reach-inside.ts'
import { inCombination, notAsExpected, placeFor, placesMax, textOf } from './refusals.ts'
import type { SecretBox } from './secret-box.ts'

/** Who changes something, and from where. */
export interface By {
  readonly principal: Actor
  readonly address?: string
  /** Of the whole installation: may set what reaches into the operator's network. @default false */
  readonly isEverywhere?: boolean
}

/** One thing that is changed. */
export interface Target {
  readonly project: string
  readonly kind: Kind
  readonly name: string
}

/** A change that is only looked at. Without a value: it is taken away. */
export interface CheckedChange {
  readonly kind: Kind
  readonly name: string
  readonly value?: unknown
}

/** What is configured, and changing it. Every change is checked with all the rest, recorded, and in force when it is answered. */
export interface Configuration {
  list(project: string, kind: Kind): Promise<ItemList>
  get(target: Target): Promise<Item | undefined>
  put(target: Target, value: unknown, condition: Condition, by: By): Promise<{ readonly item: Item; readonly isNew: boolean }>
  patch(target: Target, patch: unknown, condition: Condition, by: By): Promise<Item>
  remove(target: Target, condition: Condition, by: By): Promise<void>
  /** Makes all of these or none, and replaces nothing. */
  make(project: string, things: readonly CheckedChange[], by: By): Promise<readonly Item[]>
  /** Puts what the API made of a list in this order; what is in the file stays before it. */
  order(target: Omit<Target, 'name'>, names: readonly string[], condition: Condition, by: By): Promise<ItemList>
  /** What is wrong with these changes taken together; nothing is changed. Pointers begin with the number of the change. */
  check(project: string, changes: readonly CheckedChange[], by?: Pick<By, 'isEverywhere'>): Promise<{ readonly places: readonly ProblemPlace[]; readonly config?: Config }>
  projects(): Promise<readonly ProjectRow[]>
  addProject(project: { readonly name: string; readonly title: string }, by: By): Promise<ProjectRow>
  removeProject(name: string, by: By): Promise<void>
}

/** Things that the API may make in one project, and projects. */
const entriesMax = 5_000
const projectsMax = 1_000
const bodyCharsMax = 300_000
/** No thing of a configuration can be called so: an object passes over it, and nobody would look at what it is. */
const noName = '__proto__'

interface Parts {
  readonly database: Database
  readonly projects: Projects
  readonly composer: Composer
  readonly box: SecretBox
  readonly clock: Clock
}

export function createConfiguration({ database, projects, composer, box, clock }: Parts): Configuration {
  const { db } = database
  const fileOf = (project: string): unknown => (project === projects.fileProject ? projects.fileData : { project })

  /** Alone among all that change: looks, changes rows, checks what comes of it, writes, and puts it in force. */
  async function change<T>(project: string, work: (tx: Connection, rows: readonly EntryRow[]) => Promise<{ readonly changed: readonly EntryRow[]; readonly removed: readonly EntryRow[]; readonly refusal?: (problems: readonly ThingProblem[]) => Problem; readonly result: (rows: readonly EntryRow[]) => T }>): Promise<T> {
    const result = await changingConfiguration(db, database.kind, async (tx) => {
      const rows = await entriesOf(tx, project)
      const { changed, removed, refusal = inCombination, result: resultOf } = await work(tx, rows)
      const isTouched = (row: EntryRow): boolean => [...changed, ...removed].some((one) => one.kind === row.kind && one.name === row.name)
      const next = [...rows.filter((row) => !isTouched(row)), ...changed]
      if (next.length > entriesMax) throw new Problem(422, 'too-many', `Expected at most ${entriesMax} things made by the API in a project, found ${next.length}.`)
      const file = fileOf(project)
      const { problems } = composer.compose(file, composer.open(next).entries)
      if (problems.length > 0) {
        // What was wrong before, such as by a newer server, is not the fault of this change, and must not forbid to repair the rest.
        const old = new Set(composer.compose(file, composer.open(rows).entries).problems.map(textOf))
        const fresh = problems.filter((one) => !old.has(textOf(one)))
        if (fresh.length > 0) throw refusal(fresh)
      }
      const version = await nextVersion(tx, database.kind, project)
      const numbered = changed.map((row) => ({ ...row, version }))
      for (const row of removed) await removeEntry(tx, row)
      for (const row of numbered) await putEntry(tx, row)
      return resultOf([...next.filter((row) => !changed.includes(row)), ...numbered])
    })
    await projects.refresh(project)
    return result
  }

  /** One thing replaced or made. */
  function write(target: Target, condition: Condition, by: By, valueFrom: (before: EntryRow | undefined) => unknown): Promise<{ readonly item: Item; readonly isNew: boolean }> {
    return change(target.project, async (tx, rows) => {
      const { row, isNew } = await written(tx, rows, target, condition, by, valueFrom)
      return {
        changed: [row],
        removed: [],
        refusal: (fresh) => notAsExpected(fresh.map((one) => placeFor(one, target))),
        result: (now) => ({ item: itemAmong(now, target, row), isNew }),
      }
    })
  }

  /** What comes of a change, as it will be kept; and it is on record. */
  async function written(tx: Connection, rows: readonly EntryRow[], target: Target, condition: Condition, by: By, valueFrom: (before: EntryRow | undefined) => unknown): Promise<{ readonly row: EntryRow; readonly isNew: boolean }> {
    const { project, kind, name } = target
    refuseReadOnly(target)
    const before = rows.find((row) => row.kind === kind.name && row.name === name)
    checkCondition(condition, before && tagOf(before), nameOf(target))
    const place = { project, kind: kind.name, name }
    const { value, body } = taken(target, valueFrom(before), before && opened(before.body, place, box), by)
    const last = rows.filter((row) => row.kind === kind.name).reduce((most, row) => Math.max(most, row.place), 0)
    const row: EntryRow = { ...place, body, version: 0, place: before?.place ?? last + 1, changed_ms: clock.nowMs(), changed_by: actorName(by) }
    await record(tx, target, before === undefined ? 'create' : 'update', by, before && shownRow(kind, before), shown(kind.name, value))
    return { row, isNew: before === undefined }
  }

  /** What was sent, with the secrets that stay, as it would be kept. @throws Problem where it is refused for itself */
  function taken({ project, kind, name }: Target, sent: unknown, open: unknown, by: Pick<By, 'isEverywhere'>): { readonly value: unknown; readonly body: string } {
    const { value, problems } = withKept(kind.name, sent, open)
    if (problems.length > 0) throw notAsExpected(problems)
    const inside = by.isEverywhere === true ? [] : reachesInside(kind.name, value, open)
    if (inside.length > 0) throw new Problem(403, 'owners-only', `Only an owner of the installation lets a ${kind.noun} reach other than public addresses.`, { places: inside })
    const body = sealed(value ?? null, { project, kind: kind.name, name }, box)
    if (body.length > bodyCharsMax) throw new Problem(413, 'too-large', `Expected at most ${bodyCharsMax} characters for one ${kind.noun}, found ${body.length}.`)
    return { value, body }
  }

  function itemAmong(rows: readonly EntryRow[], { kind, name }: Target, row: EntryRow): Item {
    return itemOf(kind, rows.find((one) => one.kind === kind.name && one.name === name) ?? row)
  }

  function refuseReadOnly(target: Target): void {
    const { project, kind, name } = target
    if (name === noName) throw new Problem(422, 'invalid', `Expected another name for a ${kind.noun} than ${noName}.`)
    if (kind.shape === 'settings' && !settingNames.some((known) => known === name)) throw new Problem(404, 'not-found', `There is no setting "${name}"; there are ${settingNames.join(', ')}.`)
    if (kind.shape === 'settings' && name === 'heartbeat' && project !== projects.fileProject) throw new Problem(409, 'elsewhere', `The heartbeat is of the whole installation, and is set in project ${projects.fileProject}.`)
    if (isInFile(target)) throw new Problem(409, 'in-file', `${nameOf(target)} is in the file and read-only here. Change it in the configuration file, and tell the server: SIGHUP.`)
    if (kind.name === 'routes' && namelessPattern.test(name)) throw new Problem(422, 'invalid', `Expected a name of its own for a route of project ${project}: "${name}" is what a route without a name is called in the file.`)
  }

  const isInFile = ({ project, kind, name }: Target): boolean => thingsOfFile(fileOf(project)).some((thing) => thing.kind === kind.name && thing.name === name)

  function record(tx: Connection, target: Pick<Target, 'project' | 'kind' | 'name'>, verb: string, by: By, before: unknown, after: unknown): Promise<void> {
    return recordChange({ db: tx, clock }, { project: target.project, principal: by.principal, action: `${target.kind.path}.${verb}`, target: target.name, before, after, ...(by.address !== undefined && { address: by.address }) })
  }

  async function listOf(project: string, kind: Kind): Promise<ItemList> {
    const version = (await configurationVersions(db)).byProject.get(project) ?? 0
    return { items: itemsOf(kind, fileOf(project), projects.get(project)?.config, await entriesOf(db, project)), etag: `"c${version}"` }
  }

  return {
    list: (project, kind) => listOf(project, kind),
    async get({ project, kind, name }) {
      return itemsOf(kind, fileOf(project), projects.get(project)?.config, await entriesOf(db, project)).find((item) => item.name === name)
    },
    put: (target, value, condition, by) => write(target, condition, by, () => value),
    async patch(target, patch, condition, by) {
      const { item } = await write(target, condition, by, (before) => {
        if (before === undefined) throw new Problem(404, 'not-found', `There is no ${nameOf(target)}; PUT makes one.`)
        return mergePatched(shownRow(target.kind, before), patch)
      })
      return item
    },
    async remove(target, condition, by) {
      const { project, kind, name } = target
      await change(project, async (tx, rows) => {
        const before = rows.find((row) => row.kind === kind.name && row.name === name)
        if (before === undefined) {
          if (isInFile(target)) refuseReadOnly(target)
          throw new Problem(404, 'not-found', `There is no ${nameOf(target)}.`)
        }
        checkCondition(condition, tagOf(before), nameOf(target))
        await record(tx, target, 'delete', by, shownRow(kind, before), undefined)
        const refusal = (fresh: readonly ThingProblem[]): Problem => new Problem(409, 'in-use', `${nameOf(target)} is needed elsewhere. Change what needs it first.`, { places: fresh.map((one) => placeFor(one, undefined)) })
        return { changed: [], removed: [before], refusal, result: () => undefined }
      })
    },
    make: (project, things, by) =>
      change(project, async (tx, rows) => {
        const made: { readonly target: Target; readonly row: EntryRow }[] = []
        for (const { kind, name, value } of things) {
          const target = { project, kind, name }
          const { row } = await written(tx, [...rows, ...made.map((one) => one.row)], target, { ifNoneMatch: '*' }, by, () => value)
          made.push({ target, row })
        }
        return { changed: made.map(({ row }) => row), removed: [], result: (now) => made.map(({ target, row }) => itemAmong(now, target, row)) }
      }),
    async order({ project, kind }, names, condition, by) {
      await change(project, async (tx, rows) => {
        const version = (await configurationVersions(tx)).byProject.get(project) ?? 0
        checkCondition(condition, `"c${version}"`, `the order of the ${kind.path}`)
        const made = rows.filter((row) => row.kind === kind.name)
        const before = made.map(({ name }) => name)
        if (names.length !== made.length || new Set(names).size !== names.length || before.some((name) => !names.includes(name))) {
          throw notAsExpected([{ pointer: '/names', detail: `expected each of these once: ${before.join(', ')}; those of the file stay before them` }])
        }
        await record(tx, { project, kind, name: 'order' }, 'order', by, before, names)
        const changed = made.map((row) => ({ ...row, place: names.indexOf(row.name) + 1 }))
        return { changed, removed: [], result: () => undefined }
      })
      return listOf(project, kind)
    },
    async check(project, changes, by = {}) {
      const { entries } = composer.open(await entriesOf(db, project))
      const places: ProblemPlace[] = []
      let next = entries
      for (const [index, { kind, name, value: given }] of changes.entries()) {
        const before = next.find((entry) => entry.kind === kind.name && entry.name === name)
        next = next.filter((entry) => entry !== before)
        try {
          refuseReadOnly({ project, kind, name })
          if (given === undefined && before === undefined) throw new Problem(404, 'not-found', `There is no ${nameOf({ kind, name })}.`)
          if (given !== undefined) next = [...next, { kind: kind.name, name, value: taken({ project, kind, name }, given, before?.value, by).value, place: before?.place ?? next.reduce((most, { place }) => Math.max(most, place), 0) + 1 }]
        } catch (refused) {
          if (!(refused instanceof Problem)) throw refused
          places.push(...(refused.places.length > 0 ? refused.places.map(({ pointer, detail }) => ({ pointer: `/${index}/value${pointer}`, detail })) : [{ pointer: `/${index}`, detail: refused.message }]))
        }
      }
      if (next.length > entriesMax) places.push({ pointer: '', detail: `expected at most ${entriesMax} things made by the API in a project, found ${next.length}` })
      const { problems, config } = composer.compose(fileOf(project), next)
      for (const one of problems) {
        const index = changes.findLastIndex(({ kind, name }) => one.thing?.kind === kind.name && one.thing.name === name)
        places.push(index < 0 ? placeFor(one, undefined) : { pointer: `/${index}/value${one.pointer}`, detail: one.text })
      }
      return { places: places.slice(0, placesMax), ...(config !== undefined && places.length === 0 && { config }) }
    },
    projects: () => madeProjects(db),
    async addProject({ name, title }, by) {
      const row: ProjectRow = { name, title, created_ms: clock.nowMs(), created_by: actorName(by) }
      await changingConfiguration(db, database.kind, async (tx) => {
        const made = await madeProjects(tx)
        if (made.length >= projectsMax) throw new Problem(422, 'too-many', `Expected at most ${projectsMax} projects made by the API.`)
        if (name === projects.fileProject || !(await addProject(tx, database.kind, row))) throw new Problem(409, 'exists', `There is a project "${name}" already.`)
        await recordChange({ db: tx, clock }, { project: name, principal: by.principal, action: 'projects.create', target: name, after: { name, title }, ...(by.address !== undefined && { address: by.address }) })
      })
      await projects.refresh()
      return row
    },
    async removeProject(name, by) {
      if (name === projects.fileProject) throw new Problem(409, 'in-file', `Project "${name}" is in the file and read-only here.`)
      await changingConfiguration(db, database.kind, async (tx) => {
        if (!(await removeProject(tx, database.kind, name, clock.nowMs()))) throw new Problem(404, 'not-found', `There is no project "${name}".`)
        await recordChange({ db: tx, clock }, { project: name, principal: by.principal, action: 'projects.delete', target: name, before: { name }, ...(by.address !== undefined && { address: by.address }) })
      })
      await projects.refresh()
    },
  }
}

function nameOf({ kind, name }: Pick<Target, 'kind' | 'name'>): string {
  return `${kind.noun} "${name}"`
}

function actorName({ principal }: By): string {
  return `${principal.kind}:${principal.id}`
}
