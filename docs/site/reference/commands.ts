/** Every command's help, as the executable gives it. */
import { Command } from 'commander'
import { EXIT_HELP } from '../../../src/cli/exit.ts'
import { page, read } from './page.ts'

/** The commands that src/cli/main.ts adds, in its order. It cannot be asked itself: it would run. */
async function program(): Promise<Command> {
  const main = read('src/cli/main.ts')
  const files = new Map([...main.matchAll(/^import \{ (add\w+) \} from '\.\/(\w+\.ts)'$/gm)].map(([, add, file]) => [add, file]))
  const added = [...main.matchAll(/^ {2}(add\w+),$/gm)].map(([, add]) => add as string)
  if (added.length === 0 || added.length !== files.size) throw new Error('src/cli/main.ts adds its commands in another way than before')
  const gatehouse = new Command('gatehouse')
  for (const add of added) {
    const file = new URL(`../../../src/cli/${files.get(add)}`, import.meta.url).href
    ;(await import(file))[add](gatehouse)
  }
  return gatehouse
}

/** The whole help, examples included, as on a wide terminal without colours. */
function helpOf(command: Command): string {
  let text = ''
  const writeOut = (part: string): void => {
    text += part
  }
  command.configureOutput({ getOutHelpWidth: () => 120, getOutHasColors: () => false, writeOut })
  command.outputHelp()
  return text.trim()
}

const nameOf = (command: Command): string => (command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`)

/** Commands and theirs, without `help`. */
const below = (command: Command): Command[] =>
  command.commands.filter((child) => child.name() !== 'help').flatMap((child) => [child, ...below(child)])

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

export async function commands(): Promise<string> {
  const helps = below(await program()).flatMap((command) => [`## ${nameOf(command)}`, block(helpOf(command))])
  const codes = EXIT_HELP.trim().split('\n').slice(1).join('\n')
  return page('Commands', "the commands' own help", 'What `gatehouse COMMAND --help` says.', ...helps, '## Exit codes', block(codes))
}
