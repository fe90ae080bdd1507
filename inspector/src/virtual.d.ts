declare module 'virtual:statecharts' {
  const charts: readonly import('./lib/charts.js').DrawnChart[]
  export default charts
}
