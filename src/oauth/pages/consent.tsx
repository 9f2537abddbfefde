/** Asks whether an MCP client may act for the user. Shown before Cognito, which cannot tell one client from another. */
import { Layout } from '../../login/pages/layout.tsx'
import { CodeName, Name } from '../../login/pages/name.tsx'
import { OAUTH_PATHS } from '../service.ts'

interface ConsentProps {
  /** What the client calls itself. */
  name: string | null
  /** Who is known to answer at this redirect URI. */
  known: string | null
  /** Host whose document names the client. */
  vouchedBy: string | null
  /** Where the answer goes: host and port, or a scheme. */
  place: string
  /** Whether only a site can hear the answer, or any program on the user's computer. */
  kind: 'web' | 'computer'
  /** Null for every server. */
  server: string | null
  /** Whether what it gets is good for that server alone. */
  bound: boolean
  /** What limits it; nothing but the user's own rights when empty. */
  scopes: readonly string[]
  /** Sealed; comes back as it is. */
  request: string
  /** Where the client hears that the user does not agree. */
  cancel: string
}

export const ConsentPage = (props: ConsentProps) => {
  const { name, known, server, bound, scopes, request, cancel } = props
  return (
    <Layout title="Allow an MCP client?" narrow>
      <section class="card">
        <h1>
          <Asks name={name} known={known} />
        </h1>
        <p>
          <Introduced {...props} /> It asks for {server === null ? 'the MCP servers of this gateway' : <Server name={server} />}.
        </p>
        <p>
          What it gets lets it do whatever you may do {bound ? 'there' : 'on every MCP server of this gateway'}
          {scopes.length > 0 ? ', within these scopes:' : '.'}
        </p>
        {scopes.length > 0 && (
          <ul class="names" aria-label="Scopes">
            {scopes.map((scope) => (
              <li>
                <CodeName text={scope} />
              </li>
            ))}
          </ul>
        )}
        <p>
          The answer goes to <CodeName text={props.place} />.
        </p>
        <p class="caution">
          <Caution {...props} />
        </p>
        <form method="post" action={OAUTH_PATHS.consent}>
          <input type="hidden" name="request" value={request} />
          <div class="actions">
            <button type="submit" class="button" data-settle>
              Allow
            </button>
            <a class="button quiet" href={cancel}>
              Cancel
            </a>
          </div>
        </form>
      </section>
    </Layout>
  )
}

const Asks = ({ name, known }: Pick<ConsentProps, 'name' | 'known'>) => {
  if (known === null && name === null) return <>Allow an MCP client to act as you?</>
  return known === null ? (
    <>
      Allow a client that calls itself “<Name text={name ?? ''} />” to act as you?
    </>
  ) : (
    <>
      Allow <Name text={known} /> to act as you?
    </>
  )
}

const Server = ({ name }: { name: string }) => (
  <>
    the MCP server{' '}
    <strong>
      <Name text={name} />
    </strong>
  </>
)

/** Only what is known is said as a fact. */
const Introduced = ({ name, known, vouchedBy, kind }: ConsentProps) => {
  if (known !== null)
    return (
      <>
        <Name text={known} /> is known to this gateway by the address below.
      </>
    )
  const what = kind === 'web' ? 'A web service' : 'A program on this computer'
  return (
    <>
      {what}
      {name !== null && (
        <>
          {' '}
          that calls itself “<Name text={name} />”
        </>
      )}
      {vouchedBy !== null && (
        <>
          , described by <CodeName text={vouchedBy} />
        </>
      )}{' '}
      wants access.
    </>
  )
}

const Caution = ({ kind, known }: ConsentProps) => (
  <>
    <strong>If you did not just connect {known === null ? 'a client' : <Name text={known} />} to this gateway, do not allow it.</strong>{' '}
    {kind === 'computer'
      ? 'The name is what the program says of itself; any program on this computer can say it.'
      : 'Nor if somebody sent you here by a link: they would act as you.'}
  </>
)
