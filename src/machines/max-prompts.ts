/** Prompts that wait for a person at one time. */
export const MAX_PROMPTS = 5
/** With those that the person has asked for by their words. */
export const MAX_PROMPTS_WITH_PICKED = 2 * MAX_PROMPTS
