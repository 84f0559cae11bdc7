import { errorText, type Alert, type Clock, type DeliveryRecord, type Session, type Store, type StoredEvent } from 'tocsin/engine'

/** What was committed since the place before, as it is on record now. */
export interface News {
  /** Place in the order of commits up to which this is all. */
  readonly place: number
  readonly alerts: readonly Alert[]
  readonly deliveries: readonly DeliveryRecord[]
  /** Alerts that the deliveries tell of. */
  readonly told: ReadonlyMap<number, Alert>
  readonly sessions: readonly Session[]
  /** Nothing had ever arrived before it. */
  readonly firstEvent?: StoredEvent
  /** Some changes are not among these: what was read before may be out of date. */
  readonly isGap: boolean
}

/** What it returns is waited for before it is told more: then it is told all that was committed meanwhile, as it stands then. */
export type FeedListener = (news: News) => Promise<void>

/** One who listens. It is told one piece of news at a time, so that nothing waits for it but that. */
interface Ear {
  readonly listener: FeedListener
  /** All up to there was told. */
  place: number
  isBusy: boolean
  hasLeft: boolean
  firstEvent?: StoredEvent
}

/** Changes are looked for so often, also those of other processes, milliseconds. */
const pollMs = 500
/** Commits of this process that come together are told together, milliseconds. */
const gatherMs = 20
/** Of each sort that is read for one piece of news; beyond it whoever listens reads anew. */
const readMax = 200

/**
 * What changes in a project, for all who look at it from this process: one poller, which runs while somebody listens. The order of commits is the store's,
 * so that a place in it means the same to every process, before and after a restart.
 */
export class Feed {
  readonly #store: Store
  readonly #clock: Clock
  readonly #project: string
  readonly #notice: (text: string) => void
  readonly #ears = new Set<Ear>()
  #place = 0
  #hasEvents = false
  #isLooking = false
  #isWanted = false
  #leave: (() => void) | undefined
  #cancelPoll: (() => void) | undefined
  #cancelGather: (() => void) | undefined

  constructor({ store, clock, project, notice }: { readonly store: Store; readonly clock: Clock; readonly project: string; readonly notice: (text: string) => void }) {
    this.#store = store
    this.#clock = clock
    this.#project = project
    this.#notice = notice
  }

  /**
   * Tells what is committed from now on, after what was missed since `after`. What is told may be told again: it is how things stand, and to hear it
   * twice changes nothing.
   *
   * @param after a place that this feed, or that of another process, gave; absent: from now on
   * @param begin is told first, from which place on it is told
   * @returns how to leave
   */
  async listen(listener: FeedListener, after: number | undefined, begin: (place: number) => void): Promise<() => void> {
    const end = await this.#store.read.lastChange(this.#project)
    if (this.#ears.size === 0) {
      this.#place = end
      this.#hasEvents = (await this.#firstEvent()) !== undefined
    }
    // A place that is yet to come is of another database.
    const isStrange = after !== undefined && after > end
    const ear: Ear = { listener, place: after === undefined || isStrange ? end : after, isBusy: false, hasLeft: false }
    begin(ear.place)
    this.#ears.add(ear)
    this.#start()
    if (isStrange) this.#hand(ear, { place: end, alerts: [], deliveries: [], told: new Map(), sessions: [], isGap: true })
    else this.#catchUp(ear)
    return () => this.#stop(ear)
  }

  /** Tells it what it has not heard, from its own place. */
  #catchUp(ear: Ear): void {
    if (ear.isBusy || ear.hasLeft || ear.place >= this.#place) return
    ear.isBusy = true
    this.#read(ear.place).then(
      (news) => this.#hand(ear, news),
      (failure: unknown) => {
        // It is tried again with the next look.
        ear.isBusy = false
        this.#failed(failure)
      },
    )
  }

  #hand(ear: Ear, news: News): void {
    const { firstEvent } = ear
    delete ear.firstEvent
    ear.isBusy = true
    ear.listener(firstEvent === undefined ? news : { ...news, firstEvent }).then(
      () => {
        ear.place = Math.max(ear.place, news.place)
        ear.isBusy = false
        this.#catchUp(ear)
      },
      (failure: unknown) => {
        this.#stop(ear)
        this.#failed(failure)
      },
    )
  }

  #failed(failure: unknown): void {
    this.#notice(`live updates of ${this.#project} are late, until the database answers again: ${errorText(failure)}`)
  }

  #start(): void {
    if (this.#leave !== undefined) return
    this.#leave = this.#store.onChange(() => this.#soon())
    this.#poll()
  }

  #stop(ear: Ear): void {
    ear.hasLeft = true
    this.#ears.delete(ear)
    if (this.#ears.size > 0) return
    this.#leave?.()
    this.#leave = undefined
    this.#cancelPoll?.()
    this.#cancelGather?.()
    this.#cancelGather = undefined
  }

  #poll(): void {
    this.#cancelPoll = this.#clock.after(pollMs, () => {
      this.#look()
      this.#poll()
    })
  }

  #soon(): void {
    this.#cancelGather ??= this.#clock.after(gatherMs, () => {
      this.#cancelGather = undefined
      this.#look()
    })
  }

  #look(): void {
    this.#isWanted = true
    if (this.#isLooking) return
    this.#isLooking = true
    this.#lookOn()
      .catch((failure: unknown) => this.#failed(failure))
      .finally(() => {
        this.#isLooking = false
      })
  }

  async #lookOn(): Promise<void> {
    while (this.#isWanted && this.#ears.size > 0) {
      this.#isWanted = false
      const firstEvent = this.#hasEvents ? undefined : await this.#firstEvent()
      if (firstEvent !== undefined) this.#hasEvents = true
      const before = this.#place
      const news = await this.#read(before)
      this.#place = news.place
      if (news.place > before) this.#isWanted = true
      for (const ear of this.#ears) {
        if (firstEvent !== undefined) ear.firstEvent = firstEvent
        if (ear.isBusy) continue
        // Read once for all who are as far as that.
        if (ear.place === before && (news.place > before || firstEvent !== undefined)) this.#hand(ear, news)
        else this.#catchUp(ear)
      }
    }
  }

  async #firstEvent(): Promise<StoredEvent | undefined> {
    return (await this.#store.read.listEvents({ project: this.#project, limit: 1 })).items[0]
  }

  async #read(after: number): Promise<News> {
    const { read } = this.#store
    const { alerts, deliveries, sessions, last, isGap } = await read.changesAfter(this.#project, after)
    const isMore = [alerts, deliveries, sessions].some((list) => list.length > readMax)
    const told = await read.deliveriesNumbered(this.#project, deliveries.slice(-readMax))
    const found = await read.alertsNumbered(this.#project, [...alerts.slice(-readMax), ...told.flatMap((delivery) => delivery.alerts.slice(0, 1))].slice(0, 1_000))
    const begun: Session[] = []
    for (const id of sessions.slice(-readMax)) {
      const session = await read.session(this.#project, id)
      if (session !== undefined) begun.push(session)
    }
    return { place: last, alerts: alerts.flatMap((id) => found.get(id) ?? []), deliveries: told, told: found, sessions: begun, isGap: isGap || isMore }
  }
}
