/** Argon2id's, fixed for this version: another number is another key. */
export const PASSES = 3
export const MEMORY_BYTES = 64 * 1024 * 1024
export const SALT_BYTES = 16
