/** What the length of a message costs. */
import { startGate } from '../lab/gate.ts'
import { startLimits } from '../lab/limits.ts'
import { policyFor } from '../lab/policy.ts'
import { measureAll, type Target } from '../measure.ts'
import { callOfLength } from './calls.ts'
import type { PartPlan } from './part.ts'
import { cheapest, hot, plain } from './through_nginx.ts'

const LENGTHS = [200, 2000, 20_000, 200_000, 1_000_000] as const
const WAYS = ['plain', 'body-inside', 'hot'] as const

export const bodies: PartPlan = {
  name: 'body',
  title: 'Growth: length of the body',
  points: LENGTHS.flatMap((length) => WAYS.map((way) => `${way}-body-${length}`)),
  notes: [
    'Bytes of the body; all but the frame is one long argument of the tool. The backend reads the whole body before it answers, which `return` in ' +
      'the other parts does not, so even the shortest body costs more here.',
  ],
  async measure(lab, wanted) {
    const limits = await startLimits(lab)
    const gate = await startGate(lab, { name: 'body', policy: policyFor(['currenttime']) })
    const targets = LENGTHS.flatMap((length) =>
      [plain(lab, limits), cheapest(lab, limits), hot(lab, gate)].map((target) => longer(target, length)),
    )
    return {
      figures: await measureAll(
        lab,
        targets.filter(({ name }) => wanted(name)),
      ),
    }
  },
}

const SHORT: Record<string, string> = { plain: 'plain proxy', 'body-inside': 'the cheapest gate that reads it', hot: 'Gatehouse' }

const longer = (target: Target, length: number): Target => ({
  ...target,
  name: `${target.name}-body-${length}`,
  title: `${length} bytes: ${SHORT[target.name]}`,
  url: target.url.replace(/mcp$/, 'read'),
  body: callOfLength(length),
})
