/** Whether a call costs the same with one MCP server behind the gate and with a thousand. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Edit, type Gate, startGate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import { policyFor } from '../lab/policy.ts'
import { measureAll, type Target } from '../measure.ts'
import { memoryKilobytes } from '../proc.ts'
import { throughGate } from './calls.ts'
import type { PartPlan } from './part.ts'

const COUNTS = [1, 10, 100, 1000] as const

export const servers: PartPlan = {
  name: 'servers',
  title: 'Growth: MCP servers',
  points: COUNTS.map((count) => `servers-${count}`),
  notes: [
    'So many locations in one NGINX, each with its own name and rules; one token, calls spread over all of them in turn. ' +
      'The one addition to the shipped file is these locations.',
  ],
  async measure(lab, wanted) {
    const targets: Target[] = []
    for (const count of COUNTS.filter((one) => wanted(`servers-${one}`))) targets.push(await withServers(lab, count))
    return { figures: await measureAll(lab, targets) }
  },
}

async function withServers(lab: Lab, count: number): Promise<Target> {
  const name = `servers-${count}`
  const names = Array.from({ length: count }, (_, index) => `server${index + 1}`)
  const gate: Gate = await startGate(lab, { name, policy: policyFor(names), edits: [addLocations(names)] })
  const paths = join(lab.folder, `${name}-paths`)
  writeFileSync(paths, names.map((server) => `/${server}/mcp\n`).join(''))
  const given = {
    name,
    title: `${count} MCP server${count === 1 ? '' : 's'}`,
    paths,
    after: () => ({ 'nginx worker, MB': memoryKilobytes(gate.worker) / 1024 }),
  }
  return throughGate(gate, { Authorization: lab.authorization }, given, '/server1/mcp')
}

const BEFORE = '        location /mcpgw/ {'

const location = (name: string): string => `        location /${name}/ {
            set $gatehouse_server   ${name};
            set $gatehouse_upstream http://currenttime;
            include gatehouse/location.conf;
        }
`
const addLocations = (names: readonly string[]): Edit => ({
  file: 'example.conf',
  from: BEFORE,
  to: names.map(location).join('') + BEFORE,
})
