/** One line an event: when, who, what. */
export interface Trace {
  line(who: string, what: string): void
  /** Milliseconds since the first line. */
  readonly elapsed: number
}

const COLOURS = [33, 32, 36, 35, 34]
const WHO_WIDTH = 14

/** Colours when it is a terminal that reads along, unless NO_COLOR is set to something. */
export const isColoured = (out: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'

export const createTrace = (write: (text: string) => void, coloured: boolean): Trace => {
  const start = performance.now()
  const colours = new Map<string, number>()
  const colourOf = (who: string): number => {
    const colour = colours.get(who) ?? COLOURS[colours.size % COLOURS.length]!
    colours.set(who, colour)
    return colour
  }
  const elapsed = () => performance.now() - start
  return {
    get elapsed() {
      return elapsed()
    },
    line: (who, what) => {
      const time = `${(elapsed() / 1_000).toFixed(3).padStart(7)} s`
      const name = who.padEnd(WHO_WIDTH)
      write(
        coloured
          ? `\x1b[2m${time}\x1b[0m  \x1b[${colourOf(who)}m${name}\x1b[0m  ${what}\n`
          : `${time}  ${name}  ${what}\n`,
      )
    },
  }
}
