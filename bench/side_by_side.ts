/**
 * Points that differ by little, all at once: each process has its load, and they share the measured core. What the machine does slower for a
 * while, it does slower for all of them; what is compared is the processor time that each takes.
 */
import { type Figure, figureOf, type Sample } from './figure.ts'
import type { Lab } from './lab/lab.ts'
import { loadOf, probe, settle, type Target, timesOf, warmUp } from './measure.ts'
import { LONGEST } from './options.ts'
import { faultsOf, runWrk } from './wrk.ts'

/** For the page. */
export const SIDE_BY_SIDE =
  'are measured side by side: all at once, each with its own load, on one core. `a second` says how many answers a second of processor time is ' +
  'good for; latencies would be those of the queue.'

/** As many rounds as usual, and as long: each has a share of the core only. */
const TIMES = { rounds: 5, seconds: 2 }

/** Each target has one process, of its own, and its credentials are the same in all rounds. */
export async function measureSideBySide(lab: Lab, targets: readonly Target[]): Promise<Figure[]> {
  for (const target of targets) await warmUp(lab, target)
  const samples = targets.map((): Sample[] => [])
  const rounds = lab.options.rounds * TIMES.rounds
  for (let round = 1; round <= rounds; round += 1) {
    const found = await roundOf(lab, targets)
    for (const [index, sample] of found.entries()) samples[index]?.push(sample)
    lab.say(
      `  ${round}/${rounds} ${found.map(({ perSecond }, index) => `${targets[index]?.name} ${(1e6 / perSecond).toFixed(1)} µs`).join(', ')}`,
    )
  }
  return targets.map(({ name, title, after }, index) => figureOf(name, title, samples[index] ?? [], after?.()))
}

async function roundOf(lab: Lab, targets: readonly Target[]): Promise<Sample[]> {
  const wrong = await Promise.all(targets.map(probe))
  const seconds = Math.min(lab.options.seconds * TIMES.seconds, LONGEST)
  const before = targets.map(spent)
  const told = await Promise.all(targets.map((target) => runWrk(loadOf(lab, target, seconds, 0), lab.cores.others)))
  const after = targets.map(spent)
  for (const target of targets) await settle(target)
  lab.emptyLogs()
  return targets.map(({ processes, expect }, index) => {
    const answers = told[index]
    const cost = ((after[index] ?? 0) - (before[index] ?? 0)) / Math.max(1, answers?.requests ?? 0)
    const problems = [...(wrong[index] ?? []), ...(answers === undefined ? [] : faultsOf(answers, expect.status))]
    const cpu = Object.fromEntries(Object.keys(processes).map((name) => [name, cost]))
    return { perSecond: 1e6 / cost, p50: null, p99: null, cpu, problems }
  })
}

const spent = (target: Target): number => Object.values(timesOf(target)).reduce((sum, time) => sum + time, 0)
