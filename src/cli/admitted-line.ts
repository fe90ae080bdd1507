import type { AdmittedDevice } from '../api.js'
import { harmless } from './output.js'

/** A device that another one let in, in a sentence. */
export const describeAdmitted = ({ name, writerKey, authorisedByName, at }: AdmittedDevice): string =>
  `${harmless(authorisedByName)} let in ${harmless(name)} (${writerKey.slice(0, 8)}) on ${new Date(at).toISOString()}.`
