import type { Call, CommandName, Commands, Happening, Reply } from './messages.js'

export type Handlers = {
  readonly [Name in CommandName]?: (give: Commands[Name]['give']) => Promise<Commands[Name]['take']>
}

const toParent = (message: Reply | { happening: Happening }): void => {
  if (process.connected) process.send?.(message)
}

export const tell = (happening: Happening): void => toParent({ happening })

/** A child process's side: carries out what the parent asks, one after another, and ends when the parent does. */
export const serve = (handlers: Handlers): void => {
  const answer = async ({ call, name, give }: Call): Promise<void> => {
    try {
      const handle = handlers[name] as ((given: unknown) => Promise<unknown>) | undefined
      if (!handle) throw new Error(`This process does not know how to ${name}.`)
      toParent({ call, take: await handle(give) })
    } catch (error) {
      toParent({ call, error: error instanceof Error ? error.message : String(error) })
    }
  }
  process.on('message', (message) => void answer(message as Call))
  process.on('disconnect', () => process.exit())
  // Ctrl-C reaches the children of a terminal too; when to end is the parent's to say.
  process.on('SIGINT', () => {})
}
