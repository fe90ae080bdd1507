import { describe, expect, it } from 'vitest'
import { pan, reveal, scaleOf, showAll, zoom } from '../../inspector/src/lib/zoom.js'
import { drawAll } from '../../inspector/statecharts.js'

describe('the machines’ pictures', async () => {
  const charts = await drawAll()

  it('are there for every machine', () => {
    expect(charts.map(({ id }) => id).sort()).toEqual([
      'dial',
      'node',
      'peer',
      'prompt',
      'prompts',
      'request',
      'transport',
      'transports',
    ])
  })

  it.each(
    charts.map((chart) => [chart.id, chart] as const),
  )('of %s can be lit: every state and every transition to another has its place', (_, {
    svg,
    states,
    transitions,
  }) => {
    for (const { path } of states) expect(svg).toContain(`data-state="${path}"`)
    const drawn = new Set(
      [...svg.matchAll(/data-transition="([^"]*)"/g)].flatMap((match) => match[1]!.split(' ')),
    )
    for (const { key, targets } of transitions) if (targets.length > 0) expect(drawn).toContain(key)
  })

  it.each(
    charts.map(({ id, svg }) => [id, svg] as const),
  )('of %s has nothing that a strict policy refuses', (_, svg) => {
    expect(svg).toMatch(/^<svg /)
    expect(svg).not.toMatch(/<style|style=|<script|\son\w+=|<foreignObject|href=/i)
  })
})

describe('looking at a picture', () => {
  const picture = { width: 1_000, height: 500 }
  const room = { width: 500, height: 500 }

  it('begins with all of it, in the middle', () => {
    const frame = showAll(picture, room)
    expect(frame.width).toBeGreaterThanOrEqual(1_000)
    expect(frame.x + frame.width / 2).toBeCloseTo(500)
    expect(frame.y + frame.height / 2).toBeCloseTo(250)
  })

  it('comes closer about the pointer', () => {
    const frame = showAll(picture, room)
    const at = { x: 100, y: 300 }
    const under = (each: typeof frame) => each.x + at.x / scaleOf(each, room)
    const closer = zoom(frame, 2, room, at)
    expect(scaleOf(closer, room)).toBeCloseTo(2 * scaleOf(frame, room))
    expect(under(closer)).toBeCloseTo(under(frame))
  })

  it('is never lost out of sight', () => {
    let frame = showAll(picture, room)
    for (let index = 0; index < 100; index++) frame = pan(frame, 400, 400, picture, room)
    expect(frame.x + frame.width).toBeGreaterThan(0)
    for (let index = 0; index < 100; index++) frame = zoom(frame, 3, room)
    expect(scaleOf(frame, room)).toBeLessThanOrEqual(4)
  })

  it('moves to what has to be seen, and stays when it is seen', () => {
    const frame = { x: 0, y: 0, width: 500, height: 500 }
    const box = { x: 800, y: 100, width: 80, height: 40 }
    const moved = reveal(frame, box, room)
    expect(moved.x).toBeGreaterThan(300)
    expect(moved.x + moved.width).toBeGreaterThanOrEqual(880)
    expect(reveal(moved, box, room)).toEqual(moved)
  })
})
