/** One run: the parts that are wanted, one after the other, in one laboratory. */
import { failedFigure, type Part, type Run } from './figure.ts'
import { type Lab, withLab } from './lab/lab.ts'
import { describeMachine } from './machine.ts'
import type { Options } from './options.ts'
import type { PartPlan } from './parts/part.ts'

export async function runAll(options: Options, plans: readonly PartPlan[], say: (text: string) => void): Promise<Run> {
  const started = performance.now()
  const { only, rounds, seconds, connections, tokens } = options
  const wantedPlans = plans.filter(
    ({ name, points, onlyWhenNamed }) => (only.size === 0 && !onlyWhenNamed) || only.has(name) || points.some((point) => only.has(point)),
  )
  const { machine, commit } = describeMachine()
  const { parts, cores, njs } = await withLab(options, say, async (lab) => {
    const parts: Part[] = []
    for (const plan of wantedPlans) parts.push(await runPart(lab, plan))
    return { parts, cores: lab.cores.description, njs: lab.backend.njs }
  })
  return {
    date: new Date().toISOString(),
    commit,
    machine: { ...machine, njs, placement: cores },
    settings: {
      rounds: String(rounds),
      'seconds a round': String(seconds),
      connections: String(connections),
      'tokens signed': String(tokens),
    },
    parts,
    seconds: (performance.now() - started) / 1000,
  }
}

async function runPart(lab: Lab, { name, title, notes, measure }: PartPlan): Promise<Part> {
  const { only } = lab.options
  const started = performance.now()
  lab.say(`\n${title}`)
  const measured = await measure(lab, (point) => only.size === 0 || only.has(name) || only.has(point)).catch((error: Error) => {
    // One part that cannot be measured must not cost the others.
    lab.say(`  DOES NOT COUNT: ${error.message}`)
    return { figures: [failedFigure(name, title, error)], notes: [] }
  })
  const seconds = (performance.now() - started) / 1000
  lab.say(`  (${seconds.toFixed(0)} s)`)
  return { name, title, figures: measured.figures, notes: [...notes, ...(measured.notes ?? [])], seconds }
}
