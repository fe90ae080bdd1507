import { Busy } from '../parts/busy.js'
import { Frame } from './frame.js'

export const Opening = () => (
  <Frame title="Getting ready…">
    <Busy>Looking for what this device has.</Busy>
  </Frame>
)
