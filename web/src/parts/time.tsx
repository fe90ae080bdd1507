import { exactTime, relativeTime } from '../lib/time.js'

export const Time = ({ at, now }: { at: number; now: number }) => (
  <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
    {relativeTime(at, now)}
  </time>
)
