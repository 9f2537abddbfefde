/** The way from the validator to its collector, where there is one; without one this is all of it that is loaded. */
import type { TracingSettings } from '../config_tracing.ts'
import type { Logger } from '../log.ts'
import type { Answering } from '../validate.ts'
import { version } from '../version.ts'
import type { Tracing } from './tracing.ts'

export async function startTracing(settings: TracingSettings | null, log: Logger): Promise<Tracing | undefined> {
  if (settings === null) return undefined
  const { createTracing } = await import('./tracing.ts')
  return createTracing(settings, version(), log)
}

type OnDecision = Answering['onDecision']

/** Tells both of a decision, or the one that there is; where there is none a decision costs nothing more. */
export function each(one: OnDecision, other: OnDecision): OnDecision {
  if (one === undefined || other === undefined) return one ?? other
  return (...decided) => {
    one(...decided)
    other(...decided)
  }
}
