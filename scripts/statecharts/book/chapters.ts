import type { Chapter } from './chapter.js'
import { dial } from './dial.js'
import { node } from './node.js'
import { peer } from './peer.js'
import { prompt } from './prompt.js'
import { prompts } from './prompts.js'
import { request } from './request.js'
import { transport } from './transport.js'
import { transports } from './transports.js'

/** In the order in which they are best read. */
export const chapters: readonly Chapter[] = [
  node,
  request,
  prompt,
  prompts,
  peer,
  transports,
  transport,
  dial,
]
