import { useEffect, useRef } from 'preact/hooks'
import type { DoorTrouble } from '../lib/explain.js'
import { Field } from '../parts/field.js'

export interface DetailsProps {
  name: string
  onName(name: string): void
  domain: string
  onDomain(domain: string): void
  trouble: DoorTrouble | undefined
}

const MAX_NAME = 64

/** Every word is one, and there are as many as there should be: then the domain may be the wrong one. */
export const isUnfitPassphrase = (trouble: DoorTrouble | undefined): boolean => trouble?.reason === 'checksum'

/** What is asked of everybody on the way in, and is right for most as it is. */
export const Details = ({ name, onName, domain, onDomain, trouble }: DetailsProps) => {
  const more = useRef<HTMLDetailsElement>(null)
  const isDomainWrong = trouble?.code === 'DOMAIN_INVALID'
  useEffect(() => {
    if (more.current && (isDomainWrong || isUnfitPassphrase(trouble))) more.current.open = true
  }, [trouble])
  return (
    <>
      <Field
        id="device-name"
        label="Name of this device"
        hint="Your other devices show it. Change it to what you call this one."
        value={name}
        maxLength={MAX_NAME}
        autocomplete="off"
        onInput={({ currentTarget }) => onName(currentTarget.value)}
      />
      <details ref={more}>
        <summary>More</summary>
        <Field
          id="domain"
          label="Domain"
          hint="Your passphrase belongs to one domain. It has to be the same on all of your devices."
          value={domain}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          inputMode="url"
          error={isDomainWrong ? trouble.message : undefined}
          onInput={({ currentTarget }) => onDomain(currentTarget.value)}
        />
      </details>
    </>
  )
}
