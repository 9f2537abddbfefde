/** The page of a signed-in user: what they may use, why, and how to connect a client to it. */
import { type Access, type ServerAccess, serverUrl } from '../access.ts'
import { SESSION_FILE, type Target } from '../clients.ts'
import { Connect } from './connect.tsx'
import { CopyableLine } from './copyable.tsx'
import { Identity } from './identity.tsx'
import { Layout } from './layout.tsx'
import { Name } from './name.tsx'
import { NoAccess } from './no_access.tsx'
import { RightsTable } from './rights.tsx'
import { SignOutForm } from './sign_out_form.tsx'

interface AccessProps {
  access: Access
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  cookieName: string
}

export const AccessPage = ({ access, gateway, cookieName }: AccessProps) => {
  const { servers, everyServer } = access
  const nothing = servers.length === 0 && everyServer.length === 0
  return (
    <Layout title="Your access" action={<SignOutForm quiet />}>
      <div class="stack">
        <h1>Your access</h1>
        <p class="lead muted">What you may use on {gateway}, why, and how to connect your MCP client.</p>
      </div>
      <Identity access={access} />
      {nothing ? (
        <NoAccess groups={access.groups} />
      ) : (
        <>
          <Clients servers={servers} gateway={gateway} cookieName={cookieName} />
          <Servers access={access} gateway={gateway} />
        </>
      )}
    </Layout>
  )
}

/** Of more servers none has configuration of its own: the page would take longer to make than the gate has for a decision. */
const MOST_WITH_CLIENTS = 20

/** Stands for a server that the policy does not name. */
const anyServer = (gateway: string): Target => ({ name: 'NAME', url: serverUrl(gateway, 'NAME') })

const Clients = ({ servers, gateway, cookieName }: { servers: ServerAccess[]; gateway: string; cookieName: string }) => (
  <section class="card stack" aria-labelledby="connect">
    <h2 id="connect">Connect a client</h2>
    <p>
      An MCP client takes the URL of a server and nothing else: it opens a page of this gateway, where you allow it and sign in.{' '}
      {scopeOfSnippets(servers)}
    </p>
    <Connect
      id="all"
      targets={servers.length > 0 ? servers : [anyServer(gateway)]}
      what={servers.length > 1 ? 'all servers' : (servers[0]?.name ?? 'any server')}
    />
    <p class="small muted">
      Programs that cannot sign in send your session instead, as a cookie named <code>{cookieName}</code>: <code>gatehouse login</code>, run
      on your computer, saves it in <code>{SESSION_FILE}</code>.
    </p>
  </section>
)

function scopeOfSnippets(servers: ServerAccess[]): string {
  if (servers.length === 0) return 'Replace NAME by the name of a server.'
  return servers.length === 1
    ? ''
    : servers.length > MOST_WITH_CLIENTS
      ? `This is for all ${servers.length} servers at once; take those that you need.`
      : `This is for all ${servers.length} servers at once; each server below has its own.`
}

const Servers = ({ access: { servers, everyServer }, gateway }: Pick<AccessProps, 'access' | 'gateway'>) => (
  <section class="stack-wide" aria-labelledby="servers">
    <h2 id="servers">Servers</h2>
    {servers.length > 3 && <Contents servers={servers} />}
    {everyServer.length > 0 && (
      <section class="card stack" aria-labelledby="every">
        <h3 id="every">Every server</h3>
        <p class="muted">This holds on every MCP server behind the gateway, whether it is named below or not.</p>
        <CopyableLine id="every-url" text={anyServer(gateway).url} what="the form of a server’s URL" />
        <RightsTable rights={everyServer} caption="What you may use on every server" />
      </section>
    )}
    {servers.map((server, index) => (
      <Server
        server={server}
        id={`server-${index + 1}`}
        alone={servers.length === 1 || servers.length > MOST_WITH_CLIENTS}
        more={everyServer.length > 0}
      />
    ))}
  </section>
)

const Contents = ({ servers }: { servers: ServerAccess[] }) => (
  <nav aria-label="Servers">
    <ul class="jump">
      {servers.map(({ name }, index) => (
        <li>
          <a href={`#server-${index + 1}`}>
            <Name text={name} />
          </a>
        </li>
      ))}
    </ul>
  </nav>
)

interface ServerProps {
  server: ServerAccess
  id: string
  /** Whether it has no configuration of its own: it is the only one and has the general one, or there are very many. */
  alone: boolean
  /** Whether something holds on every server besides. */
  more: boolean
}

const Server = ({ server: { name, url, rights }, id, alone, more }: ServerProps) => (
  <section class="card stack" aria-labelledby={id}>
    <h3 id={id}>
      <Name text={name} />
    </h3>
    <CopyableLine id={`${id}-url`} text={url} what={`the URL of ${name}`} />
    {rights.length > 0 ? (
      <RightsTable rights={rights} caption={`What you may use on ${name}`} />
    ) : (
      <p>
        Your scopes name this server but open nothing on it: a tool, prompt or resource needs its method in the same entry of scopes.yml.
      </p>
    )}
    {more && (
      <p class="small muted">
        What you may use on <a href="#every">every server</a> comes on top.
      </p>
    )}
    {!alone && (
      <details>
        <summary>Configuration for this server alone</summary>
        <Connect id={`${id}-client`} targets={[{ name, url }]} what={name} />
      </details>
    )}
  </section>
)
