/**
 * The text of the worker that derives keys. The build puts all of the worker into it, with what it imports: a bundle or an
 * archive that this ends up in has no file to start a worker from.
 */
export const argon2Source = `import(${JSON.stringify(new URL('./argon2-worker.js', import.meta.url).href)})`
