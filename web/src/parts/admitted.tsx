import type { AdmittedDevice, HyphaNode } from 'hypha-runtime'
import { useGuard } from '../hooks/use-guard.js'
import { useNow } from '../hooks/use-now.js'
import { Device } from './device.js'
import { AnswerButton, JustAppeared } from './request-answer.js'
import { Time } from './time.js'

const Admission = ({ node, device, now }: { node: HyphaNode; device: AdmittedDevice; now: number }) => {
  const guard = useGuard()
  const { writerKey, name, authorisedBy, authorisedByName, at } = device
  return (
    <li class="admission">
      <p>
        <Device writerKey={authorisedBy} name={authorisedByName} /> let{' '}
        <Device writerKey={writerKey} name={name} /> in
        {at > 0 && (
          <>
            , <Time at={at} now={now} />
          </>
        )}
        .
      </p>
      <JustAppeared guard={guard} busy={undefined} />
      <div class="row" ref={guard.answers}>
        <AnswerButton
          guard={guard}
          kind="secondary"
          label={`I know about it: ${name}`}
          isBusy={false}
          onAnswer={() => node.dismissNotice(writerKey)}
        >
          I know about it
        </AnswerButton>
      </div>
    </li>
  )
}

/** Devices that another one let in: each stays until the person has said that they know. */
export const Admitted = ({ node, notices }: { node: HyphaNode; notices: readonly AdmittedDevice[] }) => {
  const now = useNow()
  if (notices.length === 0) return null
  return (
    <section class="card admitted" role="alert" aria-labelledby="admitted-title">
      <h2 id="admitted-title">
        {notices.length === 1 ? 'A new device may write' : `${notices.length} new devices may write`}
      </h2>
      <p>
        Was it you? If not, somebody has your passphrase and one of your devices: authorise nothing, and sign
        up anew with another passphrase.
      </p>
      <ul>
        {notices.map((device) => (
          <Admission key={device.writerKey} node={node} device={device} now={now} />
        ))}
      </ul>
    </section>
  )
}
