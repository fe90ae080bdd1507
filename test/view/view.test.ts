import { describe, expect, it } from 'vitest'
import { createView } from '../../src/view/view.js'
import { createHistory } from './history.js'

describe('a view', () => {
  it("shows on Alice's phone what her laptop wrote", () => {
    const { laptop, feeds, decode, history } = createHistory('laptop')
    laptop.put('notes/milk', 'buy milk')
    const view = createView({ feeds, decode })
    const { changes } = view.fold(history)
    expect(view.get('notes/milk')).toMatchObject({ value: 'buy milk', author: laptop.key, public: false })
    expect(changes).toMatchObject([{ name: 'notes/milk', value: 'buy milk', deleted: false }])
  })
})
