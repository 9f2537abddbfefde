/** What may be called, as a table. Things with the same reason share a row. */
import type { Because, Right, RightKind } from '../access.ts'
import { CodeName, Name } from './name.tsx'

const KINDS: Record<RightKind, { title: string; one: string; many: string }> = {
  method: { title: 'Methods', one: 'method', many: 'methods' },
  tool: { title: 'Tools', one: 'tool', many: 'tools' },
  prompt: { title: 'Prompts', one: 'prompt', many: 'prompts' },
  resource: { title: 'Resources', one: 'resource', many: 'resources' },
}

/** Longer lists are closed at first. */
const MAX_OPEN = 24
/** A policy may list millions of names; a page of them would help nobody. */
const MAX_SHOWN = 2000

export const RightsTable = ({ rights, caption }: { rights: readonly Right[]; caption: string }) => (
  <table>
    <caption class="hidden">{caption}</caption>
    <thead>
      <tr>
        <th scope="col">You may use</th>
        <th scope="col">Which</th>
        <th scope="col">Because of scope, from group</th>
      </tr>
    </thead>
    <tbody>
      {rowsOf(rights).map(({ kind, names, because }) => (
        <tr>
          <th scope="row">{KINDS[kind].title}</th>
          <td>
            <Names kind={kind} names={names} />
          </td>
          <td>
            <Why because={because} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

interface Row {
  kind: RightKind
  names: string[]
  because: Because[]
}

function rowsOf(rights: readonly Right[]): Row[] {
  const rows = new Map<string, Row>()
  for (const { kind, name, because } of rights) {
    const key = JSON.stringify([kind, name === '*', because.map(({ scope }) => scope)])
    const row = rows.get(key)
    if (row) row.names.push(name)
    else rows.set(key, { kind, names: [name], because })
  }
  return [...rows.values()]
}

const Names = ({ kind, names }: { kind: RightKind; names: string[] }) => {
  if (names[0] === '*') return <Every kind={kind} />
  if (names.length <= MAX_OPEN) return <List names={names} />
  return (
    <details>
      <summary>{`${names.length.toLocaleString('en')} ${KINDS[kind].many}`}</summary>
      <List names={names.slice(0, MAX_SHOWN)} />
      {names.length > MAX_SHOWN && <p class="muted">and {(names.length - MAX_SHOWN).toLocaleString('en')} more</p>}
    </details>
  )
}

/** Every method is not every call: what goes by name has rows of its own. */
const Every = ({ kind }: { kind: RightKind }) => (
  <>
    <span class="chip all">every {KINDS[kind].one}</span>
    {kind === 'method' && <p class="small muted">To call a tool, get a prompt or read a resource, it must be listed too.</p>}
  </>
)

const List = ({ names }: { names: string[] }) => (
  <ul class="names">
    {names.map((name) => (
      <li>
        <CodeName text={name} />
      </li>
    ))}
  </ul>
)

const Why = ({ because }: { because: Because[] }) => (
  <ul class="why">
    {because.map(({ scope, groups }) => (
      <li>
        <code>
          <Name text={scope} />
        </code>
        {groups.map((group, index) => (
          <>
            <span class="muted">{index === 0 ? ', from ' : ', '}</span>
            <Name text={group} />
          </>
        ))}
      </li>
    ))}
  </ul>
)
