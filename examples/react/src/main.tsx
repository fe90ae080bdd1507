import { HyphaProvider } from 'hypha-runtime/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import { node } from './node.js'
import './styles.css'

const root = document.getElementById('app')
if (root)
  createRoot(root).render(
    <StrictMode>
      <HyphaProvider node={node}>
        <App />
      </HyphaProvider>
    </StrictMode>,
  )
