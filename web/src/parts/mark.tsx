/** The threads of a hypha, meeting. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <g fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round">
      <path d="M16 27V15M16 20c0-4-7-3-7-10M16 15c0-3 7-4 7-9" />
    </g>
    <g fill="currentColor">
      <circle cx="16" cy="27" r="2.8" />
      <circle cx="9" cy="9" r="2.8" />
      <circle cx="23" cy="6" r="2.8" />
    </g>
  </svg>
)
