/** How long: `3 ms`, `1.24 s`, `2:05`. */
export const spell = (ms: number): string => {
  if (!Number.isFinite(ms)) return ''
  if (ms < 10) return `${Math.max(0, ms).toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`
  const minutes = Math.floor(ms / 60_000)
  return `${minutes}:${String(Math.floor((ms % 60_000) / 1_000)).padStart(2, '0')} min`
}

/** Since the beginning, always as wide: `00:01.234`. */
export const sinceStart = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms))
  const minutes = Math.floor(whole / 60_000)
  const seconds = Math.floor((whole % 60_000) / 1_000)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(minutes)}:${two(seconds)}.${String(whole % 1_000).padStart(3, '0')}`
}

export const count = (number: number): string => number.toLocaleString('en')
export const counted = (number: number, word: string): string =>
  `${count(number)} ${word}${number === 1 ? '' : 's'}`
