import type { TakenTransition } from './events.js'

/** What of a machine is drawn from: by its configuration, which copies with other actors share. */
const definitions = new WeakMap<object, string>()

/** A machine's configuration as JSON text, as Stately's inspector takes it: functions by their names. */
export const definitionOf = (machine: object): string | undefined => {
  const config: unknown = Reflect.get(machine, 'config')
  if (typeof config !== 'object' || config === null) return undefined
  let text = definitions.get(config)
  if (text === undefined) {
    text = JSON.stringify(config, (_key, value: unknown) =>
      typeof value === 'function' ? { type: value.name } : value,
    )
    definitions.set(config, text)
  }
  return text
}

const transitions = new WeakMap<object, TakenTransition>()

const pathOf = (state: unknown): string => {
  const path: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, 'path') : undefined
  return Array.isArray(path) ? path.join('.') : ''
}

const placeOf = (definition: object, source: unknown, event: string): number => {
  if (typeof source !== 'object' || source === null) return 0
  const byEvent: unknown = Reflect.get(source, 'transitions')
  const always: unknown = Reflect.get(source, 'always')
  const siblings: unknown = event === '' ? always : byEvent instanceof Map ? byEvent.get(event) : undefined
  return Array.isArray(siblings) ? Math.max(0, siblings.indexOf(definition)) : 0
}

/** A transition as XState defines it, by the names of docs/statecharts. */
export const nameTransition = (definition: object): TakenTransition => {
  let taken = transitions.get(definition)
  if (!taken) {
    const [source, target] = [Reflect.get(definition, 'source'), Reflect.get(definition, 'target')]
    const event = String(Reflect.get(definition, 'eventType') ?? '')
    taken = Object.freeze({
      source: pathOf(source),
      event,
      index: placeOf(definition, source, event),
      targets: Object.freeze(Array.isArray(target) ? target.map(pathOf) : []),
    })
    transitions.set(definition, taken)
  }
  return taken
}
