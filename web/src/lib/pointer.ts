/** Where the mouse or a finger was last, in the window; undefined before it was anywhere. */
export const lastPointer = (): { readonly x: number; readonly y: number } | undefined => last
let last: { readonly x: number; readonly y: number } | undefined

const notice = ({ clientX, clientY }: PointerEvent) => {
  last = { x: clientX, y: clientY }
}
addEventListener('pointermove', notice, true)
addEventListener('pointerdown', notice, true)
