/** The text of a classic worker with all that it imports: what a browser's build makes of `./x.browser.ts`. */
declare module '*?source' {
  const source: string
  export default source
}
