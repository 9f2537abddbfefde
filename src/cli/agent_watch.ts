/** What an agent does, told on standard error as it happens. */
import { styleText } from 'node:util'
import type { Identity } from '../agent/identity.ts'
import type { Watcher } from '../agent/loop.ts'
import type { CallRecord } from '../agent/record.ts'
import { refusalInWords } from './agent_failure.ts'
import { cleanLines, oneLine } from './lines.ts'
import { showWaiting } from './waiting.ts'

/** Characters of arguments and answers. */
const LONGEST = 200

type Colour = 'green' | 'red' | 'yellow' | 'dim'

/** Only on a terminal, and only for those who want it (no-color.org). */
const hasColour = (): boolean => process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

function say(text: string, colour?: Colour): void {
  const line = colour !== undefined && hasColour() ? styleText(colour, text) : text
  process.stderr.write(`${line}\n`)
}

export function createWatcher(model: string, who: Identity['kind']): Watcher {
  let stop = (): void => {}
  return {
    thinking: () => showWaiting(`Waiting for ${oneLine(model, 60)}`),
    remark: (text) => say(oneLine(text, LONGEST), 'dim'),
    calling(server, tool, input) {
      const named = Object.entries(input).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      say(`→ ${oneLine(`${server} ${tool} ${named.join(' ')}`, LONGEST)}`)
      stop = showWaiting(`Waiting for ${oneLine(server, 60)}`)
    },
    called(record) {
      stop()
      stop = () => {}
      tellOutcome(record, who)
    },
  }
}

function tellOutcome({ outcome, text, refusal, tool, server }: CallRecord, who: Identity['kind']): void {
  if (refusal !== null) {
    say(cleanLines(refusalInWords(refusal, who)).replace(/^/gm, '  '), 'yellow')
  } else if (outcome === 'error') {
    say(`  ✗ ${oneLine(server === '' ? `${tool}: ${text}` : text, LONGEST)}`, 'red')
  } else {
    say(`  ✓ ${oneLine(text, LONGEST)}`, 'green')
  }
}
