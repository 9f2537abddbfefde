/**
 * `make soak`: the whole gate under mixed load for ten minutes, or SOAK_MINUTES; what grows, what breaks, and every wrong decision.
 *
 *   SOAK_MINUTES=3 node --import tsx tests/soak/main.ts [FOLDER]          results in .soak, or FOLDER
 *
 * Ends with 1 when a figure grows, a decision is wrong, an answer is 5xx or a stream is broken.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLoad, type Tally } from '../faults/load.ts'
import { root, startGateway } from '../support/gateway.ts'
import { startControl } from './control.ts'
import { type Happened, happen, soakCallers } from './events.ts'
import { type Curve, toSvg } from './plot.ts'
import { RULES, sample } from './samples.ts'
import { judgeSlope, sentence } from './slope.ts'

const minutes = Number(process.env.SOAK_MINUTES || 10)
if (!(minutes >= 2)) {
  process.stderr.write('SOAK_MINUTES must be 2 or more: less says nothing of a slope.\n')
  process.exit(2)
}
const folder = process.argv[2] ?? join(root, '.soak')
const say = (text: string): void => void process.stdout.write(`${text}\n`)
say(`soak: ${minutes} minutes`)
const gateway = await startGateway({ env: { DECISION_CACHE_SECONDS: '5' }, deadlines: 'shipped' })
const control = await startControl()
const length = minutes * 60_000
const began = Date.now()
const isOver = (): boolean => Date.now() - began > length
// NGINX is reloaded in the first half; in the second one its workers stay, and everything is judged there.
const judgedFrom = (minutes * 60) / 2 + 5
const reloadsOver = (): boolean => Date.now() - began > length / 2 - 30_000
const callers = await soakCallers(gateway)
const load = startLoad(gateway, callers, { pause: 5, longest: length + 60_000 })
const progress = setInterval(() => say(`${Math.round((Date.now() - began) / 1000)} s: ${load.tally.right} right answers`), 30_000)
const [figures, happened] = await Promise.all([sample(gateway, control, isOver), happen(gateway, callers, isOver, reloadsOver)])
clearInterval(progress)
const tally = await load.stop()
await sleep(100)
await control.stop()
await gateway.close()

const curves: Curve[] = Object.entries(RULES).map(([name, rule]) => {
  const samples = figures[name as keyof typeof RULES]
  return { samples, judgement: judgeSlope(samples, judgedFrom, rule) }
})
mkdirSync(folder, { recursive: true })
const subtitle = `${minutes} minutes from ${new Date(began).toISOString()}; ${tally.right} calls, ${happened.reloads} reloads, ${happened.keys} new keys; yellow: what is judged`
writeFileSync(join(folder, 'soak.svg'), toSvg(curves, subtitle))
writeFileSync(join(folder, 'soak.json'), `${JSON.stringify({ minutes, began, figures, tally, happened }, null, 1)}\n`)
const lines = [...curves.map(({ judgement }) => sentence(judgement)), ...count(tally, happened)]
const passed = lines.every((line) => line.startsWith('ok'))
say([...lines, `See ${join(folder, 'soak.svg')}.`, `soak: ${passed ? 'passed' : 'FAILED'}`].join('\n'))
process.exitCode = passed ? 0 : 1

function count({ right, wrong, broken, undecidedAt }: Tally, { brokenStreams, ...all }: Happened): string[] {
  const none = [...undecidedAt, ...all.undecidedAt]
  const unexcused = none.filter((at) => !control.wasBusy(at)).length
  const line = (ok: boolean, text: string, examples: readonly string[] = []): string =>
    `${ok ? 'ok   ' : 'WRONG'} ${text}${examples.length > 0 ? ` (${examples.slice(0, 3).join('; ')})` : ''}`
  return [
    line(wrong.length === 0, `${wrong.length} wrong decisions in ${right + wrong.length} answers.`, wrong),
    line(unexcused === 0, `${none.length} answers of 503, ${unexcused} of them while the machine was not too busy for any program.`),
    line(broken.length === 0, `${broken.length} other 5xx or lost answers.`, broken),
    line(brokenStreams.length === 0, `${brokenStreams.length} of ${all.streams} streams broken.`, brokenStreams),
    line(
      all.reloads > 0 && all.policies > 0 && all.keys > 0,
      `${all.reloads} reloads, ${all.policies} policies, ${all.keys} new keys, ${all.tokens} new credentials.`,
    ),
    `ok    The machine was busy with other things in ${control.busySeconds()} of ${minutes * 60} seconds.`,
  ]
}
