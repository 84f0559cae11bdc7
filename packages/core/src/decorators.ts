/**
 * `@session`, `@agent`, `@operation`, `@tool`: standard decorators (TC39 stage 3, TypeScript 5 and later without
 * `experimentalDecorators`) that do what the functions of the client of the same name do. They follow the client of the
 * moment: before `init` and after `close` a decorated method is just called, and nothing is recorded.
 *
 * @example
 * class RefundBot {
 *   @session('answer-ticket') async answer(ticket: Ticket) { … }
 *   @tool lookUp(order: string) { … }
 * }
 */

/** What decorated methods are handed to. A client has these functions. */
export interface DecoratorTarget {
  session<T>(name: string, work: () => T): T
  agent<T>(name: string, work: () => T): T
  operation<T>(name: string, work: () => T): T
  tool<T>(name: string, work: (...args: readonly unknown[]) => T, ...args: readonly unknown[]): T
}

let current: DecoratorTarget | undefined

/** Hands decorated methods to this client; `undefined`: to nobody. */
export function setDecoratorTarget(target: DecoratorTarget | undefined): void {
  current = target
}

/** Takes the target away if it is still this one: closing an older client leaves the newer one in its place. */
export function clearDecoratorTarget(target: DecoratorTarget): void {
  if (current === target) current = undefined
}

type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result
type Class = abstract new (...args: never[]) => object

interface MethodDecorator {
  <This, Args extends unknown[], Result>(method: Method<This, Args, Result>, context: ClassMethodDecoratorContext<This, Method<This, Args, Result>>): Method<This, Args, Result>
}

/** A decorator that can be written with a name, `@tool('search')`, or without, `@tool`: then the method's name counts. */
interface NamedDecorator extends MethodDecorator {
  (name?: string): MethodDecorator
}

type Hand = <Result>(target: DecoratorTarget, name: string, call: (...args: readonly unknown[]) => Result, args: readonly unknown[]) => Result

function methodDecorator(hand: Hand, given: string | undefined): MethodDecorator {
  return (method, context) => {
    const name = given ?? String(context.name)
    return function decorated(...args) {
      const target = current
      if (target === undefined) return method.apply(this, args)
      // Reason for the cast: the same arguments come back, through a function that does not know their types.
      return hand(target, name, (...same) => method.apply(this, same as typeof args), args)
    }
  }
}

function named(hand: Hand): NamedDecorator {
  // Reason for the cast: one function answers both forms, and TypeScript cannot see that the first argument decides.
  return ((first?: unknown, context?: unknown) => {
    if (typeof first === 'function' && context !== undefined) {
      // Reason for the casts: a decorator is called with a method and its context by the language itself.
      return methodDecorator(hand, undefined)(first as Method<unknown, unknown[], unknown>, context as ClassMethodDecoratorContext<unknown, Method<unknown, unknown[], unknown>>)
    }
    return methodDecorator(hand, typeof first === 'string' ? first : undefined)
  }) as NamedDecorator
}

/** The method runs in a session of its own, which fails when the method throws. */
export const session: NamedDecorator = named((target, name, call, args) => target.session(name, () => call(...args)))

/** The method is one operation. */
export const operation: NamedDecorator = named((target, name, call, args) => target.operation(name, () => call(...args)))

/** The method is one call of a tool; its arguments are kept only as a hash. */
export const tool: NamedDecorator = named((target, name, call, args) => target.tool(name, call, ...args))

const agentMethod = named((target, name, call, args) => target.agent(name, () => call(...args)))

interface AgentDecorator extends MethodDecorator {
  <Decorated extends Class>(decorated: Decorated, context: ClassDecoratorContext<Decorated>): void
  (name?: string): AgentDecoratorNamed
}

interface AgentDecoratorNamed extends MethodDecorator {
  <Decorated extends Class>(decorated: Decorated, context: ClassDecoratorContext<Decorated>): void
}

/** On a method: the work of one agent. On a class: every method of the class itself (not inherited ones, not accessors) is. */
export const agent: AgentDecorator = decorateAgent as AgentDecorator

function decorateAgent(first?: unknown, context?: unknown): unknown {
  if (typeof first === 'function' && context !== undefined) return applyAgent(first, context, undefined)
  const name = typeof first === 'string' ? first : undefined
  return (decorated: unknown, later: unknown) => applyAgent(decorated, later, name)
}

function applyAgent(decorated: unknown, context: unknown, name: string | undefined): unknown {
  // Reason for the casts: the language calls a decorator with the decorated thing and its context.
  const { kind } = context as DecoratorContext
  if (kind === 'class') return decorateClass(decorated as Class, name ?? (context as ClassDecoratorContext).name ?? 'agent')
  const method = decorated as Method<unknown, unknown[], unknown>
  return methodOf(name)(method, context as ClassMethodDecoratorContext<unknown, Method<unknown, unknown[], unknown>>)
}

function methodOf(name: string | undefined): MethodDecorator {
  return name === undefined ? agentMethod : agentMethod(name)
}

function decorateClass(decorated: Class, name: string): void {
  // Reason for the cast: a prototype is an object, which the type of an abstract class does not say.
  const prototype = decorated.prototype as object
  for (const key of Reflect.ownKeys(prototype)) {
    const property = Reflect.getOwnPropertyDescriptor(prototype, key)
    if (key === 'constructor' || typeof property?.value !== 'function') continue
    // Reason for the cast: the check above says that it is a function.
    const method = property.value as Method<unknown, unknown[], unknown>
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      const target = current
      return target === undefined ? method.apply(this, args) : target.agent(name, () => method.apply(this, args))
    }
    Object.defineProperty(wrapped, 'name', { value: method.name })
    Object.defineProperty(prototype, key, { ...property, value: wrapped })
  }
}
