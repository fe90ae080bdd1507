import { render } from 'preact'
import { App } from './app.js'
import './styles/base.css'
import './styles/forms.css'
import './styles/layout.css'
import './styles/entries.css'
import './styles/parts.css'

const root = document.getElementById('app')
if (root) render(<App />, root)
