/** Through a wire: `up` is towards where it leads. */
export type WireDirection = 'up' | 'down'
