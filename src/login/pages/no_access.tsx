/** For users whom no group opens anything. */
import type { GroupAccess } from '../access.ts'
import { CodeName } from './name.tsx'

export const NoAccess = ({ groups }: { groups: GroupAccess[] }) => (
  <section class="card stack" aria-labelledby="nothing">
    <h2 id="nothing">You may not use any MCP server yet</h2>
    <Reason groups={groups} />
    <p>
      Ask the operator of this gateway to put you into a group that has access, or to add one of yours to <code>group_mappings</code> in{' '}
      <code>scopes.yml</code>. If you were put into a group just now, sign out and in again: a session keeps the groups it began with.
    </p>
  </section>
)

const Reason = ({ groups }: { groups: GroupAccess[] }) => {
  if (groups.length === 0)
    return <p>Access is given to groups of the user pool, and you are in none that the gateway’s scopes.yml knows.</p>
  const mapped = groups.some((group) => group.mapped)
  return (
    <p>
      You are in {groups.length === 1 ? 'the group ' : 'the groups '}
      {groups.map(({ name }, index) => (
        <>
          {index > 0 && (index === groups.length - 1 ? ' and ' : ', ')}
          <CodeName text={name} />
        </>
      ))}
      , and {groups.length === 1 ? 'it is' : 'none of them is'} {verdict(groups.length === 1, mapped)}
    </p>
  )
}

function verdict(single: boolean, mapped: boolean): string {
  if (mapped) return single ? 'not mapped to any MCP server in scopes.yml.' : 'mapped to any MCP server in scopes.yml.'
  return single ? 'not in scopes.yml.' : 'in scopes.yml.'
}
