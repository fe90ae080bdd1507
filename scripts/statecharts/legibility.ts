/** Where a picture is looked at: in a page that is narrow and long, or in a window that is wide. */
export type Place = 'page' | 'window'

/**
 * How hard a drawing is to read, as one number: what draws lays out well by its own rules, and knows nothing of labels that
 * lie on lines. Less is better. Works on the SVG as it is drawn, with sizes in points.
 */
export const difficultyOf = (svg: string, place: Place = 'page'): number => {
  const edges = groupsOf(svg, 'edge').map(readEdge)
  const boxes = groupsOf(svg, 'node').flatMap((group) => boxOf(pointsOf(group).slice(0, 5)))
  const borders = groupsOf(svg, 'cluster').map((group) => polyline(pathOf(group)))
  const labels = edges.flatMap((edge, index) => edge.labels.map((box) => ({ box, index })))

  let difficulty = 0
  for (const [at, { box, index }] of labels.entries()) {
    for (const [other, edge] of edges.entries())
      if (touches(edge.line, box)) difficulty += other === index ? OWN_LINE : FOREIGN_LINE
    for (const border of borders) if (touches(border, box)) difficulty += BORDER
    for (const node of boxes) if (overlap(node, box)) difficulty += OVERLAP
    for (const later of labels.slice(at + 1))
      if (later.index !== index && overlap(later.box, box)) difficulty += OVERLAP
  }
  for (const [at, { line }] of edges.entries()) {
    for (const later of edges.slice(at + 1)) difficulty += CROSSING * crossings(line, later.line)
    difficulty += LENGTH * lengthOf(line)
  }
  const [width, height] = sizeOf(svg)
  return difficulty + SIZES[place](width, height)
}

const OVERLAP = 30
const FOREIGN_LINE = 12
const CROSSING = 5
const BORDER = 4
const OWN_LINE = 1
/** For a point of each. */
const LENGTH = 0.01
/** What a page of documents shows without making it smaller, in points. */
const PAGE_WIDTH = 740

/** What its size makes of it: how small it would have to be made to be in sight. */
const SIZES: Readonly<Record<Place, (width: number, height: number) => number>> = {
  page: (width, height) => 0.3 * Math.max(0, width - PAGE_WIDTH) + 0.02 * height,
  window: (width, height) => 2 * Math.max(width / 16, height / 9),
}

type Point = readonly [x: number, y: number]

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const groupsOf = (svg: string, kind: string): string[] =>
  [...svg.matchAll(new RegExp(`<g [^>]*class="${kind} [^>]*>.*?</g>`, 'gs'))].map(([group]) => group)

const numbersOf = (text: string): number[] => (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number)

const pairs = (numbers: readonly number[]): Point[] =>
  Array.from({ length: numbers.length >> 1 }, (_, i) => [numbers[2 * i] ?? 0, numbers[2 * i + 1] ?? 0])

const pathOf = (group: string): Point[] => pairs(numbersOf(/<path [^>]*\bd="([^"]*)"/.exec(group)?.[1] ?? ''))

const pointsOf = (group: string): Point[] => pairs(numbersOf(/\bpoints="([^"]*)"/.exec(group)?.[1] ?? ''))

const boxOf = (points: readonly Point[]): Box[] => {
  if (points.length < 4) return []
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  return [{ left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) }]
}

/** Points along a row of cubic Bézier curves, close enough to each other for a letter's height. */
const polyline = (control: readonly Point[]): Point[] => {
  const line: Point[] = control.slice(0, 1)
  for (let at = 0; at + 3 < control.length; at += 3) {
    const [a, b, c, d] = [control[at], control[at + 1], control[at + 2], control[at + 3]]
    if (!a || !b || !c || !d) continue
    const steps = Math.max(4, Math.ceil(Math.hypot(d[0] - a[0], d[1] - a[1]) / 5))
    for (let step = 1; step <= steps; step++) {
      const t = step / steps
      const mix = (i: 0 | 1) =>
        (1 - t) ** 3 * a[i] + 3 * (1 - t) ** 2 * t * b[i] + 3 * (1 - t) * t ** 2 * c[i] + t ** 3 * d[i]
      line.push([mix(0), mix(1)])
    }
  }
  return line
}

const readEdge = (group: string) => ({
  line: polyline(pathOf(group)),
  labels: [
    ...group.matchAll(/<text [^>]*\bx="([^"]*)" y="([^"]*)"[^>]*font-size="([^"]*)">([^<]*)</g),
  ].flatMap(([, x, y, size, text = '']): Box[] => {
    const words = text.replace(/&#160;/g, ' ').trim()
    const [left, bottom, height] = [Number(x), Number(y), Number(size)]
    return words === ''
      ? []
      : [{ left, right: left + words.length * height * 0.5, top: bottom - height * 0.8, bottom }]
  }),
})

const touches = (line: readonly Point[], { left, right, top, bottom }: Box): boolean =>
  line.some(([x, y]) => x > left && x < right && y > top && y < bottom)

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const side = ([ax, ay]: Point, [bx, by]: Point, [px, py]: Point): number =>
  (bx - ax) * (py - ay) - (by - ay) * (px - ax)

const crossings = (one: readonly Point[], other: readonly Point[]): number => {
  let count = 0
  for (let i = 1; i < one.length; i++) {
    const [a, b] = [one[i - 1], one[i]]
    for (let j = 1; j < other.length; j++) {
      const [c, d] = [other[j - 1], other[j]]
      if (!a || !b || !c || !d) continue
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) count++
    }
  }
  return count
}

const lengthOf = (line: readonly Point[]): number =>
  line
    .slice(1)
    .reduce((sum, [x, y], i) => sum + Math.hypot(x - (line[i]?.[0] ?? x), y - (line[i]?.[1] ?? y)), 0)

const sizeOf = (svg: string): [number, number] => {
  const [, width, height] = /<svg [^>]*width="(\d+)pt" height="(\d+)pt"/.exec(svg) ?? []
  return [Number(width ?? 0), Number(height ?? 0)]
}
