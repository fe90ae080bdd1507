import { explain } from '../lib/explain.js'
import { Frame } from './frame.js'

export const Locked = ({ onRetry }: { onRetry(): void }) => {
  const { title, text } = explain({ code: 'STORAGE_LOCKED', message: '' })
  return (
    <Frame title={title}>
      <p>{text}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </Frame>
  )
}
