import { describe, expect, it } from 'vitest'
import { difficultyOf } from '../../scripts/statecharts/legibility.js'

const edge = (path: string, label = '', x = 0, y = 0) => `<g id="edge1" class="edge transition">
<path fill="none" stroke="black" d="${path}"/>
<text xml:space="preserve" text-anchor="start" x="${x}" y="${y}" font-family="Helvetica,sans-Serif" font-size="11.00">${label} &#160;&#160;</text>
</g>`
const svg = (...groups: string[]) =>
  `<svg width="300pt" height="200pt" viewBox="0 0 300 200">${groups.join('\n')}</svg>`

const across = 'M0,0C50,0 100,0 150,0'
const below = 'M0,50C50,50 100,50 150,50'
const down = 'M75,-50C75,0 75,50 75,100'

describe('how hard a picture is to read', () => {
  it('grows with arrows that cross, and with labels that lie on the lines of others', () => {
    const plain = difficultyOf(svg(edge(across), edge(below)))
    const crossed = difficultyOf(svg(edge(across), edge(down)))
    const beside = difficultyOf(svg(edge(across, 'event', 20, 30), edge(below)))
    const upon = difficultyOf(svg(edge(across, 'event', 20, 54), edge(below)))
    expect(crossed).toBeGreaterThan(plain + 4)
    expect(beside).toBeCloseTo(plain)
    expect(upon).toBeGreaterThan(beside + 10)
  })

  it('grows with labels on labels, on boxes and on borders', () => {
    const label = edge(across, 'event', 20, 30)
    const alone = difficultyOf(svg(label, edge(below)))
    expect(difficultyOf(svg(label, edge(below, 'other', 22, 31)))).toBeGreaterThan(alone + 20)
    const box = '<g id="node1" class="node state"><polygon points="60,40 10,40 10,20 60,20 60,40"/></g>'
    expect(difficultyOf(svg(label, edge(below), box))).toBeGreaterThan(alone + 20)
    const border = '<g id="clust1" class="cluster state"><path d="M0,26C20,26 40,26 60,26"/></g>'
    expect(difficultyOf(svg(label, edge(below), border))).toBeGreaterThan(alone + 3)
  })

  it('grows with what a page has no room for', () => {
    const narrow = svg(edge(across))
    expect(difficultyOf(narrow.replace('300pt', '1000pt'))).toBeGreaterThan(difficultyOf(narrow) + 50)
  })
})
