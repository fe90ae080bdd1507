import { useHypha } from 'hypha-runtime/react'
import { Devices } from './devices.js'
import { List } from './list.js'
import { Progress } from './progress.js'
import { Requests } from './requests.js'
import { Waiting } from './waiting.js'

export const Home = () => {
  const { state, name } = useHypha()
  const mayWrite = state === 'origin' || state === 'writer'
  return (
    <>
      <header>
        <h1>Our list</h1>
        <p>{name}</p>
      </header>
      <main className="home">
        <div className="news" aria-live="polite">
          {mayWrite ? <Requests /> : <Waiting />}
        </div>
        <List mayWrite={mayWrite} />
        <aside aria-label="Devices and progress">
          <Devices />
          <Progress />
        </aside>
      </main>
    </>
  )
}
