import { fromCallback, fromPromise } from 'xstate'

/** Stands in a machine where work belongs: it fails until somebody provides the real actor. */
export const unprovidedPromise = <Output, Input>(name: string) =>
  fromPromise<Output, Input>(() => Promise.reject(new Error(`Provide the actor "${name}" to this machine.`)))

export const unprovidedCallback = <Input>(name: string) =>
  fromCallback<{ type: string }, Input>(() => {
    throw new Error(`Provide the actor "${name}" to this machine.`)
  })
