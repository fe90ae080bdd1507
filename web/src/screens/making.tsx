import { Busy } from '../parts/busy.js'
import { Frame } from './frame.js'

export const Making = () => (
  <Frame title="Making your keys…">
    <Busy>This takes a few seconds, so that nobody can guess a passphrase quickly.</Busy>
  </Frame>
)
