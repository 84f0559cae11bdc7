import { field } from '../mapping/read.ts'

/** Told once how something ended. Must not throw. */
export interface Ending<T> {
  value(value: T): void
  error(thrown: unknown): void
}

/**
 * Learns how `result` ends without changing it: a plain value, a promise of any class, a (sync or async) iterator.
 *
 * - A plain value has ended: `ending.value` runs at once.
 * - A native promise comes back as its own continuation, so that a rejection nobody handles stays unhandled.
 * - Another thenable is the same object with its own `then`: it may be lazy (the SDKs' APIPromise reads the body only
 *   when somebody asks for it), so nobody asks for it here.
 * - An iterator is the same object and runs each step through `enter`; its end is its own end, `return()` or a throw.
 */
export function followResult<T>(result: T, ending: Ending<unknown>, enter: <R>(step: () => R) => R = (step) => step()): T {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    ending.value(result)
    return result
  }
  if (isNativePromise(result)) {
    const followed = result.then(
      (value: unknown) => {
        ending.value(value)
        return value
      },
      (thrown: unknown) => {
        ending.error(thrown)
        throw thrown
      },
    )
    // Reason for the cast: the continuation of a native promise is a native promise of the same value.
    return followed as T
  }
  if (typeof field(result, 'then') === 'function') {
    followThenable(result, ending)
  } else if (typeof field(result, 'next') === 'function' && isIterator(result)) {
    followIterator(result, ending, enter)
  } else {
    ending.value(result)
  }
  return result
}

function isNativePromise(value: object): value is Promise<unknown> {
  return value instanceof Promise && value.constructor === Promise && !Object.hasOwn(value, 'then')
}

function isIterator(value: object): boolean {
  return Symbol.asyncIterator in value || Symbol.iterator in value
}

function isFunction(value: unknown): value is (...given: unknown[]) => unknown {
  return typeof value === 'function'
}

type Method = (this: unknown, ...args: unknown[]) => unknown

/** Replaces a method on this one object; what cannot be replaced (a frozen object) stays as it is. */
export function replaceMethod(target: object, name: PropertyKey, wrap: (original: Method) => Method): boolean {
  // Reason for the cast: any property may be read by its key; whether it is a function is asked next.
  const original = (target as Readonly<Record<PropertyKey, unknown>>)[name]
  if (typeof original !== 'function') return false
  return Reflect.defineProperty(target, name, { value: wrap(original as Method), writable: true, configurable: true, enumerable: Object.prototype.propertyIsEnumerable.call(target, name) })
}

function followThenable(thenable: object, ending: Ending<unknown>): void {
  let open = true
  const once = (tell: () => void): void => {
    if (open) tell()
    open = false
  }
  const watch = (promise: unknown): unknown => {
    if (promise instanceof Promise) {
      promise.then(
        (value: unknown) => once(() => ending.value(value)),
        (thrown: unknown) => once(() => ending.error(thrown)),
      )
    }
    return promise
  }
  // The SDKs' promises of the Stainless generator: `then`, `catch`, `finally` and `withResponse` all pass `parse`.
  // Handlers are attached only to a promise that the caller has just asked for and handles himself.
  if (typeof field(thenable, 'parse') === 'function' && typeof field(thenable, 'asResponse') === 'function') {
    followApiPromise(thenable, watch, once, ending)
    return
  }
  replaceMethod(thenable, 'then', (original) =>
    function then(this: unknown, onValue, onError) {
      return original.call(
        this,
        (value: unknown) => {
          once(() => ending.value(value))
          return isFunction(onValue) ? onValue(value) : value
        },
        (thrown: unknown) => {
          once(() => ending.error(thrown))
          if (isFunction(onError)) return onError(thrown)
          throw thrown
        },
      )
    },
  )
}

function followApiPromise(promise: object, watch: (promise: unknown) => unknown, once: (tell: () => void) => void, ending: Ending<unknown>): void {
  let parsed = false
  replaceMethod(promise, 'parse', (original) =>
    function parse(this: unknown, ...args) {
      const result = original.apply(this, args)
      if (parsed) return result
      parsed = true
      return watch(result)
    },
  )
  // A caller who takes the raw response reads the body himself: what is known is that it came, or the error.
  replaceMethod(promise, 'asResponse', (original) =>
    function asResponse(this: unknown, ...args) {
      const result = original.apply(this, args)
      if (result instanceof Promise) {
        result.then(
          (response: unknown) => {
            if (!parsed) once(() => ending.value(response))
          },
          (thrown: unknown) => once(() => ending.error(thrown)),
        )
      }
      return result
    },
  )
  // `_thenUnwrap` makes a second promise of the same call (the `parse()` helpers do): the answer is seen before what it is
  // turned into, since a helper that refuses an answer (too long, not the schema) does so after the call was made and paid.
  replaceMethod(promise, '_thenUnwrap', (original) =>
    function thenUnwrap(this: unknown, transform, ...args) {
      const seen = (value: unknown, ...rest: unknown[]): unknown => {
        once(() => ending.value(value))
        return isFunction(transform) ? transform(value, ...rest) : value
      }
      const derived = original.call(this, seen, ...args)
      if (typeof derived === 'object' && derived !== null) followApiPromise(derived, watch, once, ending)
      return derived
    },
  )
}

function followIterator(iterator: object, ending: Ending<unknown>, enter: <R>(step: () => R) => R): void {
  let open = true
  const end = (tell: () => void): void => {
    if (open) tell()
    open = false
  }
  const look = (step: unknown): void => {
    if (field(step, 'done') === true) end(() => ending.value(field(step, 'value')))
  }
  const wrap = (original: Method): Method =>
    function step(this: unknown, ...args) {
      let result: unknown
      try {
        result = enter(() => original.apply(iterator, args))
      } catch (thrown) {
        end(() => ending.error(thrown))
        throw thrown
      }
      if (!(result instanceof Promise)) {
        look(result)
        return result
      }
      return result.then(
        (value: unknown) => {
          look(value)
          return value
        },
        (thrown: unknown) => {
          end(() => ending.error(thrown))
          throw thrown
        },
      )
    }
  for (const name of ['next', 'return', 'throw']) replaceMethod(iterator, name, wrap)
}
