/** Something is under way and nobody knows how far. */
export const Busy = ({ children }: { children: string }) => (
  <div class="busy" role="status">
    <span class="busy-bar" aria-hidden="true" />
    <p>{children}</p>
  </div>
)
