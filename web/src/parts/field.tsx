import type { ComponentChildren, RefObject } from 'preact'

/** An input with its label, a hint, and what is wrong with it. */
export const Field = ({
  id,
  label,
  hint,
  error,
  inputRef,
  ...input
}: {
  id: string
  value: string
  onInput(event: { currentTarget: HTMLInputElement }): void
  name?: string
  placeholder?: string
  maxLength?: number
  readOnly?: boolean
  autocomplete: 'off' | 'username'
  autocapitalize?: 'none' | 'characters'
  inputMode?: 'url'
  spellcheck?: boolean
  label: ComponentChildren
  hint?: string
  error?: string | undefined
  inputRef?: RefObject<HTMLInputElement | null>
}) => (
  <div class="field">
    <label for={id}>{label}</label>
    {hint && (
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    )}
    <input id={id} {...(inputRef ? { ref: inputRef } : {})} {...describe(id, { hint, error })} {...input} />
    <FieldError id={id} error={error} />
  </div>
)

export const FieldError = ({ id, error }: { id: string; error: string | undefined }) => (
  <p class="field-error" id={`${id}-error`} role="alert">
    {error}
  </p>
)

/** What ties an input to its hint and its error. */
export const describe = (id: string, said: { hint?: string | undefined; error?: string | undefined }) => {
  const ids = [said.hint && `${id}-hint`, said.error && `${id}-error`].filter(Boolean).join(' ')
  return {
    'aria-invalid': said.error ? ('true' as const) : undefined,
    'aria-describedby': ids === '' ? undefined : ids,
  }
}
