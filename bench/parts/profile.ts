/** What a call costs in instructions, and which piece of the gate takes how many. Needs valgrind: only when it is named. */
import { Agent, request } from 'node:http'
import { chosenMemory } from '../../src/demo/nginx.ts'
import { type Figure, failedFigure } from '../figure.ts'
import { countInstructions, requireValgrind, underCallgrind } from '../lab/callgrind.ts'
import { startGate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import { startLimits } from '../lab/limits.ts'
import { policyFor } from '../lab/policy.ts'
import { judge, type Target } from '../measure.ts'
import { median, spread } from '../statistics.ts'
import type { PartPlan } from './part.ts'
import { PIECES, type Piece } from './pieces.ts'
import { comparisons, hot } from './through_nginx.ts'

const WARM_UP = 30
const CALLS = 200
/** The points are those of `nginx`, counted instead of timed. */
const PREFIX = 'count-'
const COMPARED = ['plain', 'ask-inside', 'ask-loopback', 'body-inside', 'body-loopback']
const WHOLE: Piece = { name: `${PREFIX}hot`, title: 'Gatehouse, one token again and again', edits: [] }

export const profile: PartPlan = {
  name: 'profile',
  title: 'Profile: instructions a call',
  points: [...COMPARED.map((name) => PREFIX + name), WHOLE.name, ...PIECES.map(({ name }) => name)],
  onlyWhenNamed: true,
  notes: [
    `Instructions in user space, counted by valgrind's callgrind in an NGINX of one process: ${CALLS} calls one after the other over one ` +
      `connection, after ${WARM_UP} that are not counted; medians of rounds. The kernel's part is not in here.`,
    'The gate is the shipped one with DECISION_CACHE_SECONDS=60, so that no call falls between two decisions. Each row below `count-hot` lacks ' +
      'one piece of it and nothing else.',
  ],
  async measure(lab, wanted) {
    requireValgrind()
    // Without its key, or its question, that variant would ask for every call.
    if (chosenMemory() === 'dict') throw new Error('the profile takes nginx/gatehouse/ apart: run it without GATEHOUSE_NGINX=dict')
    const figures = await compared(
      lab,
      COMPARED.filter((name) => wanted(PREFIX + name)),
    )
    for (const piece of [WHOLE, ...PIECES].filter(({ name }) => wanted(name))) figures.push(await gateWithout(lab, piece))
    return { figures }
  },
}

async function compared(lab: Lab, names: readonly string[]): Promise<Figure[]> {
  if (names.length === 0) return []
  const limits = await startLimits(lab, [], underCallgrind(lab.folder, lab.cores.measured))
  const figures: Figure[] = []
  for (const target of comparisons(lab, limits).filter(({ name }) => names.includes(name)))
    figures.push(await countCalls(lab, { ...target, name: PREFIX + target.name }))
  await limits.stop()
  return figures
}

/** A piece that is not found where it was is a fault of its point, and no other. */
async function gateWithout(lab: Lab, { name, title, edits }: Piece): Promise<Figure> {
  try {
    const gate = await startGate(lab, {
      name,
      policy: policyFor(['currenttime']),
      env: { DECISION_CACHE_SECONDS: '60' },
      edits,
      start: underCallgrind(lab.folder, lab.cores.measured),
    })
    const figure = await countCalls(lab, { ...hot(lab, gate), name, title })
    await gate.stop()
    return figure
  } catch (error) {
    lab.say(`  ${name.padEnd(22)} DOES NOT COUNT: ${(error as Error).message}`)
    return failedFigure(name, title, error as Error)
  }
}

async function countCalls(lab: Lab, target: Target): Promise<Figure> {
  const { name, title, processes } = target
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const problems = new Set<string>()
  const call = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1) for (const problem of await callOnce(agent, target)) problems.add(problem)
  }
  await call(WARM_UP)
  const rounds: number[] = []
  for (let round = 1; round <= lab.options.rounds; round += 1) {
    const before = await lab.backend.heard()
    rounds.push((await countInstructions(lab.folder, processes.nginx as number, () => call(CALLS))) / CALLS)
    const heard = (await lab.backend.heard()) - before
    if (heard !== CALLS) problems.add(`${CALLS} calls, but the backend heard ${heard}`)
  }
  agent.destroy()
  const figure = figureOfRounds(name, title, rounds, [...problems])
  lab.say(`  ${name.padEnd(22)} ${problems.size > 0 ? `DOES NOT COUNT: ${figure.problems.join('; ')}` : rounds.map(Math.round).join(' ')}`)
  return figure
}

function figureOfRounds(name: string, title: string, rounds: readonly number[], problems: string[]): Figure {
  const extra = problems.length > 0 ? [] : Object.entries({ instructions: median(rounds), spread: spread(rounds) })
  return {
    name,
    title,
    perSecond: null,
    p50: null,
    p99: null,
    cpu: {},
    rounds: [],
    extra: Object.fromEntries(extra.filter(isMeasured)),
    problems,
  }
}

const isMeasured = (entry: [string, number | null]): entry is [string, number] => entry[1] !== null

/** Gives what is wrong with the answer. */
function callOnce(agent: Agent, target: Target): Promise<string[]> {
  const headers = { 'Content-Type': 'application/json', ...target.headers, 'Content-Length': Buffer.byteLength(target.body) }
  return new Promise((resolve, reject) => {
    const sent = request(target.url, { method: 'POST', agent, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece) => (text += piece))
      answer.once('end', () => resolve(judge(target, answer.statusCode ?? 0, text)))
      answer.once('error', reject)
    })
    sent.once('error', reject)
    sent.end(target.body)
  })
}
