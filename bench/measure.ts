/** One round of one point: is the answer right, how many a second, what did it cost, and did the backend hear every call. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Figure, figureOf, type Sample } from './figure.ts'
import { firstOf } from './lab/credentials.ts'
import type { Lab } from './lab/lab.ts'
import { watch } from './lab/stillness.ts'
import { cpuMicroseconds } from './proc.ts'
import { faultsOf, type Load, runWrk, type Told } from './wrk.ts'

export interface Target {
  name: string
  title: string
  url: string
  /** Default: POST. */
  method?: 'GET' | 'POST'
  headers: Record<string, string>
  /** The bytes of the request's body. */
  body: string
  /** What a right answer is; `holds` must be in its body, `without` must not. */
  expect: { status: number; holds?: string; without?: string }
  /** Whose processor time is counted, by name. */
  processes: Record<string, number>
  /** Whether each call must have reached the backend. */
  reachesBackend: boolean
  connections?: number
  /** For points that need less, or whose credentials last for less. */
  seconds?: number
  /** Seconds before the first round; default 1. */
  warmUp?: number
  /** Milliseconds that a caller waits between answer and next call; what a function gives may depend on the points before. */
  think?: number | (() => number | undefined)
  paths?: string
  /** Which credentials a round uses; the warm-up is round 0. */
  credentials?(round: number): NonNullable<Load['credentials']>
  /** Read after the last round. */
  after?(): Record<string, number>
  /** Before the first round, after the warm-up. */
  prepare?(): Promise<void>
  /** Whether it is looked for how long the machine is away. */
  watched?: boolean
  /** After each of its rounds. */
  measured?(sample: Sample): void
}

export async function measureAll(lab: Lab, targets: readonly Target[]): Promise<Figure[]> {
  const samples = await sampleAll(lab, targets)
  return targets.map((target, index) => figureOf(target.name, target.title, samples[index] ?? [], target.after?.()))
}

/**
 * Runs round after round, all points in each of them, so that a change of the machine's mood is shared by all.
 * @param times how many times the usual number of rounds
 * @returns the rounds of each target
 */
export async function sampleAll(lab: Lab, targets: readonly Target[], times = 1): Promise<Sample[][]> {
  const { seconds } = lab.options
  const rounds = lab.options.rounds * times
  const samples = targets.map((): Sample[] => [])
  for (const target of targets) {
    await warmUp(lab, target)
    await target.prepare?.()
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, target] of targets.entries()) {
      const sample = await measure(lab, target, Math.min(seconds, target.seconds ?? seconds), round)
      samples[index]?.push(sample)
      target.measured?.(sample)
      lab.say(`  ${round}/${rounds} ${target.name.padEnd(22)} ${line(sample)}`)
    }
  }
  return samples
}

/** Sends without counting: what it costs is not asked, how many came through is. */
export async function send(lab: Lab, target: Target, seconds: number, credentials?: Load['credentials']): Promise<Told> {
  const load = loadOf(lab, target, seconds, 0)
  const told = await runWrk(credentials === undefined ? load : { ...load, credentials }, lab.cores.others)
  await settle(target)
  lab.emptyLogs()
  return told
}

/** Compilers, pools of connections and caches fill; nothing is counted, but a wrong answer is seen in the rounds. */
export async function warmUp(lab: Lab, target: Target): Promise<void> {
  await send(lab, target, target.warmUp ?? 1)
}

async function measure(lab: Lab, target: Target, seconds: number, round: number): Promise<Sample> {
  const wrong = await probe(target)
  const load = loadOf(lab, target, seconds, round)
  const heardBefore = await lab.backend.heard()
  const away = target.watched ? await watch(lab.cores, seconds) : undefined
  const before = timesOf(target)
  const told = await runWrk(load, lab.cores.others)
  const after = timesOf(target)
  const heard = (await lab.backend.heard()) - heardBefore
  const cpu: Record<string, number> = {}
  for (const [name, time] of Object.entries(after)) cpu[name] = (time - (before[name] ?? 0)) / Math.max(1, told.requests)
  const milliseconds = await away?.()
  await settle(target)
  lab.emptyLogs()
  const problems = [
    ...wrong,
    ...faultsOf(told, target.expect.status),
    ...(target.reachesBackend ? missed(told, heard, load.connections) : []),
  ]
  return {
    ...{ perSecond: (told.requests / told.microseconds) * 1e6, p50: told.p50, p99: told.p99, cpu, problems },
    ...(milliseconds !== undefined && { away: milliseconds === null ? null : milliseconds / (seconds * 1000) }),
  }
}

/** Of 50 ms, in microseconds of processor time: less than this is idleness. */
const IDLE = 5000

/** Calls that wrk has left in a queue at its end must not be taken for calls of the next point. Waits until nobody works on them any more. */
export async function settle(target: Target): Promise<void> {
  const spent = (): number => Object.values(timesOf(target)).reduce((sum, time) => sum + time, 0)
  for (let tries = 0, before = spent(); tries < 60; tries += 1) {
    await sleep(50)
    const now = spent()
    if (now - before < IDLE) return
    before = now
  }
}

export const timesOf = ({ processes }: Target): Record<string, number> =>
  Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuMicroseconds(pid)]))

/** Each counted answer must be the backend's; those under way at either end are heard and not counted. */
export function missed(told: Pick<Told, 'requests'>, heard: number, connections: number): string[] {
  const fits = heard >= told.requests && heard <= told.requests + 2 * connections + 8
  return fits ? [] : [`${told.requests} answers, but the backend heard ${heard} calls`]
}

/** One call by itself, whose whole answer is looked at. */
export async function probe(target: Target): Promise<string[]> {
  const given = target.credentials?.(0)
  const credential = given === undefined ? {} : { [given.header]: firstOf(given) }
  const headers = { 'content-type': 'application/json', ...target.headers, ...credential }
  try {
    const { url, method = 'POST' } = target
    const response = await fetch(url, { method, headers, redirect: 'manual', ...(method === 'POST' ? { body: target.body } : {}) })
    return judge(target, response.status, await response.text())
  } catch (error) {
    return [`no answer: ${(error as Error).message}`]
  }
}

export function judge({ expect }: Pick<Target, 'expect'>, status: number, body: string): string[] {
  if (status !== expect.status)
    return [`the answer is a ${status} instead of a ${expect.status}: ${body.replace(/\s+/g, ' ').slice(0, 200)}`]
  if (expect.holds !== undefined && !body.includes(expect.holds)) return [`the answer lacks ${expect.holds}`]
  return expect.without !== undefined && body.includes(expect.without) ? [`the answer holds ${expect.without}`] : []
}

export function loadOf(lab: Lab, target: Target, seconds: number, round: number): Load {
  const body = join(lab.folder, `body-${target.name}`)
  const think = typeof target.think === 'function' ? target.think() : target.think
  if (round === 0) writeFileSync(body, target.body)
  return {
    url: target.url,
    method: target.method ?? 'POST',
    headers: target.method === 'GET' ? target.headers : { 'Content-Type': 'application/json', ...target.headers },
    body,
    connections: target.connections ?? lab.options.connections,
    seconds,
    ...(target.credentials && { credentials: target.credentials(round) }),
    ...(target.paths !== undefined && { paths: target.paths }),
    ...(think !== undefined && { think }),
  }
}

function line({ perSecond, p50, p99, cpu, away, problems }: Sample): string {
  if (problems.length > 0) return `DOES NOT COUNT: ${problems.join('; ')}`
  const costs = Object.entries(cpu).map(([name, time]) => `${name} ${time.toFixed(1)} µs`)
  if (away != null) costs.push(`away ${(away * 100).toFixed(2)} %`)
  return `${Math.round(perSecond).toString().padStart(7)}/s  p50 ${p50} µs  p99 ${p99} µs  ${costs.join('  ')}`
}
