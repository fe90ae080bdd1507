/** A name that somebody chose: text, whatever it looks like, and its direction stays its own. */
export const Name = ({ children }: { children: string }) => <bdi class="name">{children}</bdi>
