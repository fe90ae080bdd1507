const format = new Intl.NumberFormat('en', {
  style: 'unit',
  unit: 'byte',
  notation: 'compact',
  unitDisplay: 'narrow',
})

/** “12KB” */
export const sizeOf = (bytes: number): string => format.format(bytes)
