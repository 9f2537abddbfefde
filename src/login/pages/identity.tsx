/** Who is signed in, with which groups and scopes, and for how long. */
import type { Access, GroupAccess } from '../access.ts'
import { CodeName, Name } from './name.tsx'
import { Ends } from './time.tsx'

export const Identity = ({ access }: { access: Access }) => (
  <section class="card stack" aria-labelledby="you">
    <h2 id="you">You</h2>
    <dl class="facts">
      <dt>User</dt>
      <dd>
        <strong>
          <Name text={access.user} />
        </strong>
      </dd>
      <dt>Session ends</dt>
      <dd>
        <Ends endsAt={access.endsAt} now={access.now} />
      </dd>
      <dt>Groups</dt>
      <dd>
        <Groups groups={access.groups} />
      </dd>
      <dt>Scopes</dt>
      <dd>
        <Scopes scopes={access.scopes} />
      </dd>
    </dl>
    {access.scopes.length > 0 && <Idle groups={access.groups} />}
  </section>
)

const Groups = ({ groups }: { groups: GroupAccess[] }) =>
  groups.length === 0 ? (
    <span class="muted">none</span>
  ) : (
    <ul class="names">
      {groups.map(({ name, mapped, scopes }) => (
        <li>
          <CodeName text={name} />
          {scopes.length === 0 && <span class="flag">{mapped ? 'no MCP scope' : 'not in scopes.yml'}</span>}
        </li>
      ))}
    </ul>
  )

const Scopes = ({ scopes }: { scopes: string[] }) =>
  scopes.length === 0 ? (
    <span class="muted">none</span>
  ) : (
    <ul class="names">
      {scopes.map((scope) => (
        <li>
          <CodeName text={scope} />
        </li>
      ))}
    </ul>
  )

/** What the marks mean. Users without any scope are told so elsewhere. */
const Idle = ({ groups }: { groups: GroupAccess[] }) =>
  groups.some(({ scopes }) => scopes.length === 0) ? (
    <p class="small muted">
      A marked group opens nothing here: the gateway’s <code>scopes.yml</code> does not map it to a scope for MCP servers. That is fine for
      groups that other applications use.
    </p>
  ) : null
