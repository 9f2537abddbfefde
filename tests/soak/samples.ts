/** What is measured once a second: the validator and all processes of NGINX, from outside. */
import { readdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { nginxWorkers, residentKilobytes } from '../../bench/proc.ts'
import type { Gateway } from '../support/gateway.ts'
import type { Control } from './control.ts'
import type { Rule, Sample } from './slope.ts'

/**
 * What may be more in the end. Memory: V8's young generation is 16 MB at most, of which the least of five seconds shows a part, and 10,000
 * remembered credentials take some. Descriptors: connections that are kept for the next burst. Latency: a collection of garbage, and chance.
 */
export const RULES = {
  validatorMemory: { title: 'validator, resident', unit: 'MB', allowed: 8, share: 0.1, of: 'least' },
  nginxMemory: { title: 'all NGINX workers, resident', unit: 'MB', allowed: 4, share: 0.1, of: 'least' },
  validatorFiles: { title: 'validator, open', unit: 'descriptors', allowed: 12, share: 0.1, of: 'least' },
  nginxFiles: { title: 'all NGINX workers, open', unit: 'descriptors', allowed: 24, share: 0.1, of: 'least' },
  delay: {
    title: 'validator, slowest of ten answers of /health beyond that of a bare program',
    unit: 'ms',
    allowed: 10,
    share: 0.5,
    of: 'middle',
  },
} as const satisfies Record<string, Rule>

export type Figures = Record<keyof typeof RULES, Sample[]>

const MEGABYTE = 1024

const descriptors = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

/** Samples until `isOver`. */
export async function sample(gateway: Gateway, control: Control, isOver: () => boolean): Promise<Figures> {
  const figures: Figures = { validatorMemory: [], nginxMemory: [], validatorFiles: [], nginxFiles: [], delay: [] }
  const validator = gateway.validator.child.pid as number
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const began = performance.now()
  while (!isOver()) {
    const at = (performance.now() - began) / 1000
    const workers = nginxWorkers(gateway.nginx.child.pid as number)
    const sum = (of: (pid: number) => number): number => workers.map(of).reduce((all, one) => all + one, 0)
    figures.validatorMemory.push({ at, value: residentKilobytes(validator) / MEGABYTE })
    figures.nginxMemory.push({ at, value: sum(residentKilobytes) / MEGABYTE })
    figures.validatorFiles.push({ at, value: descriptors(validator) })
    figures.nginxFiles.push({ at, value: sum(descriptors) })
    figures.delay.push({ at, value: Math.max(0, (await slowest(agent, gateway.validatorPort)) - control.slowest()) })
  }
  agent.destroy()
  return figures
}

/** Asks ten times within a second. A busy event loop answers late. */
async function slowest(agent: Agent, port: number): Promise<number> {
  let most = 0
  for (let count = 0; count < 10; count += 1) {
    const began = performance.now()
    await new Promise<void>((done) => {
      const outgoing = request({ agent, host: '127.0.0.1', port, path: '/health' }, (answer) => answer.resume().on('end', () => done()))
      outgoing.on('error', () => done())
      outgoing.end()
    })
    most = Math.max(most, performance.now() - began)
    await sleep(100)
  }
  return most
}
