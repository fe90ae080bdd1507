/** How long a walk is unless somebody says. */
export const STEPS = 40
