/** Questions to a person at a terminal, each asked again until the answer will do. */
import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandError, EXIT } from './exit.ts'
import { harmless } from './policy_paint.ts'

export interface Question {
  text: string
  /** What an empty answer means; undefined when there must be one. */
  otherwise?: string
  /** Not shown while it is typed. */
  isSecret?: boolean
  /** What is wrong with an answer. */
  check?(answer: string): readonly string[]
}

export interface Asker {
  ask(question: Question): Promise<string>
  close(): void
}

/** Asks on standard error, so that standard output stays what was made. */
export function createAsker(): Asker {
  let isHidden = false
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      // At once: what waits its turn would be hidden with the answer.
      if (!isHidden) process.stderr.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 })
  const once = async ({ text, otherwise, isSecret = false }: Question): Promise<string> => {
    const hint = otherwise === undefined || otherwise === '' ? '' : ` [${otherwise}]`
    // As its own prompt, so that it stays when the line is drawn again.
    lines.setPrompt(`${text}${hint}: `)
    lines.prompt()
    isHidden = isSecret
    try {
      return (await nextLine(lines)).trim()
    } finally {
      isHidden = false
      if (isSecret) process.stderr.write('\n')
    }
  }
  return {
    ask: async (question) => {
      for (;;) {
        const answer = (await once(question)) || question.otherwise
        const problems = answer === undefined ? ['An answer is needed.'] : answer === '' ? [] : (question.check?.(answer) ?? [])
        if (answer !== undefined && problems.length === 0) return answer
        for (const problem of problems) process.stderr.write(`  ${harmless(problem)}\n`)
      }
    },
    close: () => lines.close(),
  }
}

/** Ctrl-C and the end of the input end the command. */
function nextLine(lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const over = (exitCode: 1 | 130) => () => {
      settle()
      process.stderr.write('\n')
      reject(new CommandError(exitCode, 'interrupted; nothing was written'))
    }
    const onLine = (line: string): void => {
      settle()
      resolve(line)
    }
    const [onInterrupt, onClose] = [over(EXIT.interrupted), over(EXIT.failed)]
    const settle = (): void => {
      lines.off('line', onLine).off('SIGINT', onInterrupt).off('close', onClose)
    }
    lines.on('line', onLine).on('SIGINT', onInterrupt).on('close', onClose)
  })
}
