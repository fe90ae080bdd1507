import { takeToken } from './lib/token.js'
import { mountInspector } from './view.js'
import './styles/page.css'

const place = document.getElementById('inspector')
const token = takeToken()
if (place) {
  mountInspector(place, token === undefined ? {} : { connect: { url: location.origin, token } })
}
