/** All parts, in the order in which they run. */

import { bodies } from './bodies.ts'
import { connections } from './connections.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import type { PartPlan } from './part.ts'
import { profile } from './profile.ts'
import { rules } from './rules.ts'
import { servers } from './servers.ts'
import { streams } from './streams.ts'
import { throughNginx } from './through_nginx.ts'
import { tokens } from './tokens.ts'
import { validatorAlone } from './validator.ts'
import { verification } from './verify.ts'

export const PARTS: readonly PartPlan[] = [
  throughNginx,
  latency,
  validatorAlone,
  verification,
  rules,
  servers,
  tokens,
  bodies,
  connections,
  streams,
  memory,
  profile,
]

/** What `--only` takes: parts, and single points. */
export const NAMES: ReadonlySet<string> = new Set(PARTS.flatMap(({ name, points }) => [name, ...points]))
