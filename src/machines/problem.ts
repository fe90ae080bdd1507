/** What a machine keeps of an error: the stable code and the sentence. Never the error object, which may hold more. */
export interface Problem {
  readonly code: string
  readonly message: string
}

export const toProblem = (error: unknown, fallback = 'OPENING_FAILED'): Problem => {
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : fallback
    return { code, message: error.message }
  }
  return { code: fallback, message: 'Something failed without saying why.' }
}
