/** Configuration of MCP clients, one closed box each. */
import { type Client, clientsFor, type Target } from '../clients.ts'
import { CopyableBlock } from './copyable.tsx'

interface ConnectProps {
  targets: readonly Target[]
  /** Begins the ids of elements; unique on the page. */
  id: string
  /** The server, or all of them, in words. */
  what: string
}

export const Connect = ({ targets, id, what }: ConnectProps) => (
  <div class="clients">
    {clientsFor(targets).map((client) => (
      <details name={id}>
        <summary>{client.name}</summary>
        <Steps client={client} id={`${id}-${client.id}`} what={what} />
      </details>
    ))}
  </div>
)

const Steps = ({ client, id, what }: { client: Client; id: string; what: string }) => (
  <div class="stack">
    {client.steps.map(({ say, code }, index) => (
      <>
        <p>
          <Prose text={say} />
        </p>
        <CopyableBlock id={`${id}-${index + 1}`} text={code} what={`${client.name}, ${what}${index > 0 ? `, step ${index + 1}` : ''}`} />
      </>
    ))}
  </div>
)

/** Parts between backticks are code. */
const Prose = ({ text }: { text: string }) => <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</>
