/** The validator without NGINX, beside the least that a server in Node can do. */
import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../src/demo/ports.ts'
import type { Lab } from '../lab/lab.ts'
import { policyFor } from '../lab/policy.ts'
import { startProgram, until } from '../lab/program.ts'
import { startValidator, type Validator } from '../lab/validator.ts'
import { measureAll, type Target } from '../measure.ts'
import { residentKilobytes } from '../proc.ts'
import { root } from '../root.ts'
import { measureSideBySide, SIDE_BY_SIDE } from '../side_by_side.ts'
import { median } from '../statistics.ts'
import type { PartPlan } from './part.ts'
import { question, questionHeaders } from './questions.ts'

interface Bare {
  name: string
  /** What bench/programs/bare.ts calls it. */
  kind: string
  title: string
}

const BARE: readonly Bare[] = [
  { name: 'bare-http', kind: 'http', title: 'bare node:http' },
  { name: 'bare-read', kind: 'read', title: 'bare node:http that reads the question' },
  { name: 'bare-hash', kind: 'hash', title: '… and hashes the credential' },
  { name: 'bare-line', kind: 'line', title: '… and writes the line of log' },
  { name: 'bare-hono', kind: 'hono', title: 'bare Hono on @hono/node-server' },
]

/** Of which the median counts. */
const STARTS = 7

export const validatorAlone: PartPlan = {
  name: 'validator',
  title: 'The validator alone',
  points: [...BARE.map(({ name }) => name), 'validator-hot', 'validator-cold'],
  notes: [
    'Asked directly by the load generator with the headers that NGINX sends.',
    'The bare servers give the very answer of the validator, status and headers, to everybody. `bare-http` and `bare-hono` do not look at the ' +
      'question and write no log.',
    'From row to row the others do one thing more that the validator cannot leave out: it must know what is asked, may not keep a credential ' +
      'and so finds what it remembers by SHA-256, and writes its line for every decision. `bare-line` is its limit: it checks nothing.',
    `All but \`validator-cold\` ${SIDE_BY_SIDE}`,
    `Start to ready: the median of ${STARTS} starts, one after the other. Between them a Node that does nothing is started, whose median is ` +
      "`node alone`: the part of a start that is not the validator's, and how fast the machine is just then.",
  ],
  async measure(lab, wanted) {
    const validator = await startOne(lab)
    const starts = wanted('validator-hot') ? await startAgain(lab, validator.readyAfter) : []
    lab.finally(validator.stop)
    const answer = await answerOf(lab, validator.port)
    const steps: Target[] = []
    for (const one of BARE) if (wanted(one.name)) steps.push(await bare(lab, one, answer))
    if (wanted('validator-hot')) steps.push(hotQuestion(lab, validator, starts))
    const cold = wanted('validator-cold') ? [await coldQuestion(lab, validator)] : []
    return { figures: [...(await measureSideBySide(lab, steps)), ...(await measureAll(lab, cold))] }
  },
}

const startOne = (lab: Lab): Promise<Validator> => {
  const folder = mkdtempSync(join(lab.folder, 'validator-'))
  const { secretKey } = lab.secrets
  return startValidator({ folder, policy: policyFor(['currenttime']), secretKey, jwksUrl: lab.jwksUrl }, lab.cores.measured)
}

/** Milliseconds. */
interface Start {
  ready: number
  nodeAlone: number
}

/** @param first milliseconds that one start has taken already */
async function startAgain(lab: Lab, first: number): Promise<Start[]> {
  const all = [{ ready: first, nodeAlone: await startNode(lab) }]
  while (all.length < STARTS) {
    const { readyAfter, stop } = await startOne(lab)
    await stop()
    all.push({ ready: readyAfter, nodeAlone: await startNode(lab) })
  }
  return all
}

/** Milliseconds from start to end of a Node that has nothing to do. */
async function startNode({ cores }: Lab): Promise<number> {
  const [name = '', ...args] = [...cores.measured, process.execPath, '--eval', '']
  const started = performance.now()
  await promisify(execFile)(name, args)
  return performance.now() - started
}

/** What the validator says to the question, without what every Node server adds by itself. */
async function answerOf(lab: Lab, port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/validate`, { headers: questionHeaders({ Authorization: lab.authorization }) })
  if (response.status !== 204) throw new Error(`the validator answers ${response.status} to the question of the benchmark`)
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !['connection', 'date', 'keep-alive'].includes(name)))
  return JSON.stringify({ status: response.status, headers })
}

async function bare(lab: Lab, { name, kind, title }: Bare, answer: string): Promise<Target> {
  const port = await freePort()
  const command = [...lab.cores.measured, process.execPath, '--import', 'tsx', join(root, 'bench/programs/bare.ts'), kind, String(port)]
  const program = startProgram(command, join(lab.folder, `${name}.log`), { ANSWER: answer })
  lab.finally(program.stop)
  await until('the bare server answers', async () => (await fetch(`http://127.0.0.1:${port}/validate`)).status === 204, program)
  return question(lab, port, { name, title, processes: { node: program.pid } })
}

const hotQuestion = (lab: Lab, { port, pid }: Validator, starts: readonly Start[]): Target =>
  question(lab, port, {
    name: 'validator-hot',
    title: 'validator, one token again and again',
    processes: { node: pid },
    after: () => ({
      'start to ready, ms': median(starts.map(({ ready }) => ready)) ?? Number.NaN,
      'node alone, ms': median(starts.map(({ nodeAlone }) => nodeAlone)) ?? Number.NaN,
      'resident, MB': residentKilobytes(pid) / 1024,
    }),
  })

async function coldQuestion(lab: Lab, { port, pid }: Validator): Promise<Target> {
  const all = await lab.tokens()
  const share = Math.floor(all.count / (lab.options.rounds + 1))
  return question(lab, port, {
    name: 'validator-cold',
    title: 'validator, every token new',
    processes: { node: pid },
    headers: questionHeaders({}),
    seconds: Math.max(1, Math.floor(share / 15_000)),
    credentials: (round) => ({ ...all, first: round * share + 1, last: (round + 1) * share, again: false }),
    after: () => ({ 'resident, MB': residentKilobytes(pid) / 1024 }),
  })
}
