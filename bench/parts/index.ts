/** All parts, in the order in which they run. */
import type { PartPlan } from './part.ts'
import { throughNginx } from './through_nginx.ts'

export const PARTS: readonly PartPlan[] = [throughNginx]

/** What `--only` takes: parts, and single points. */
export const NAMES: ReadonlySet<string> = new Set(PARTS.flatMap(({ name, points }) => [name, ...points]))
