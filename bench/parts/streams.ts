/** Open event streams through the gate: what one takes of the worker's memory, and how calls fare beside them. */
import { join } from 'node:path'
import { freePort } from '../../src/demo/ports.ts'
import type { Figure } from '../figure.ts'
import { type Edit, type Gate, startGate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import { policyFor } from '../lab/policy.ts'
import { type Program, startProgram, until } from '../lab/program.ts'
import { measureAll, type Target } from '../measure.ts'
import { memoryKilobytes, openFilesLimit } from '../proc.ts'
import { root } from '../root.ts'
import type { PartPlan } from './part.ts'
import { hot } from './through_nginx.ts'

const COUNTS = [0, 1, 100, 1000, 5000] as const
/** Each stream is two connections of the worker; the shipped 4096 are enough for 2,000. */
const CONNECTIONS = 16_384
/** Calls beside the streams. */
const CALLERS = 8

export const streams: PartPlan = {
  name: 'streams',
  title: 'Growth: open streams',
  points: COUNTS.map((count) => `streams-${count}`),
  notes: [
    `So many GET streams held open through the gate, silent, while ${CALLERS} connections make hot calls. worker_connections is raised from the ` +
      `shipped 4096 to ${CONNECTIONS} here. Memory a stream: growth of the worker's share of memory (Pss) over that without streams.`,
  ],
  async measure(lab, wanted) {
    const port = await freePort()
    const program = streamsProgram(lab, 'serve', [String(port)])
    await until(
      'the server of streams listens',
      async () => (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel() === undefined || true,
      program,
    )
    const gate = await startGate(lab, {
      name: 'streams',
      policy: policyFor(['currenttime', 'mcpgw']),
      otherBackend: port,
      edits: [MORE_CONNECTIONS],
    })
    const counts = COUNTS.filter((count) => wanted(`streams-${count}`))
    const possible = counts.filter((count) => 2 * count + 500 <= openFilesLimit())
    const left = counts.filter((count) => !possible.includes(count))
    const notes = left.map((count) => `Left out: ${count} streams, because "ulimit -n" is ${openFilesLimit()}.`)
    return { figures: await beside(lab, gate, possible), notes }
  },
}

const MORE_CONNECTIONS: Edit = { file: 'example.conf', from: 'worker_connections 4096;', to: `worker_connections ${CONNECTIONS};` }

function streamsProgram(lab: Lab, role: string, rest: readonly string[], env: Record<string, string> = {}): Program {
  const command = [...lab.cores.others, process.execPath, '--import', 'tsx', join(root, 'bench/programs/streams.ts'), role, ...rest]
  const program = startProgram(command, join(lab.folder, `streams-${role}-${rest.at(-1)}.log`), env)
  lab.finally(program.stop)
  return program
}

/** Always in the order of their number, and not in turn: opening and closing thousands would take longer than the rounds. */
async function beside(lab: Lab, gate: Gate, counts: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = []
  await measureAll({ ...lab, options: { ...lab.options, rounds: 1 } }, [callBeside(lab, gate, 0, {})])
  const alone = memoryKilobytes(gate.worker)
  for (const count of counts) {
    const holder = count === 0 ? null : await holdOpen(lab, gate, count)
    const total = memoryKilobytes(gate.worker)
    const extra = { 'nginx worker, MB': total / 1024, ...(count >= 100 ? { 'memory a stream, KB': (total - alone) / count } : {}) }
    figures.push(...(await measureAll(lab, [callBeside(lab, gate, count, extra)])))
    await holder?.stop()
  }
  return figures
}

async function holdOpen(lab: Lab, gate: Gate, count: number): Promise<Program> {
  const program = streamsProgram(lab, 'hold', [String(gate.port), '/mcpgw/mcp', String(count)], { AUTHORIZATION: lab.authorization })
  await until(`${count} streams are open`, async () => program.tail().includes(`open ${count}\n`), program, 60)
  return program
}

const callBeside = (lab: Lab, gate: Gate, count: number, extra: Record<string, number>): Target => ({
  ...hot(lab, gate),
  name: `streams-${count}`,
  title: `calls beside ${count} open streams`,
  connections: CALLERS,
  after: () => extra,
})
