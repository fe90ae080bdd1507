/** The domain that a hypha begun on this page belongs to. All names of this machine are one, so that a link with another still fits. */
export const domainOfPage = (hostname: string): string =>
  hostname === '127.0.0.1' || hostname === '[::1]' ? 'localhost' : hostname
