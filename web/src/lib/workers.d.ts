/** The address of one of the runtime's workers, as a file of its own. */
declare module 'worker-url:*' {
  const url: string
  export default url
}
