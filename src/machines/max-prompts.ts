/** Prompts that wait for a person at one time. */
export const MAX_PROMPTS = 5
