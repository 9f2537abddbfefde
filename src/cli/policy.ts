/** `gatehouse policy`, for operators. */
import { type Command, Option } from 'commander'

const FILE = 'policy file; default: $SCOPES_FILE or scopes.yml; - reads standard input'

const CHECK_HELP = `
Problems are what the validator refuses; warnings are what is probably not meant. Exit code 1 with problems, with --strict also with warnings.

Examples:
  gatehouse policy check
  gatehouse policy check --strict scopes.yml`

const TEST_HELP = `
The file names callers and what each must and must not be allowed: see scopes.test.yml. The policy is the one of --policy, or of the file's key
policy, or the file of the same name without ".test". Exit code 1 when an example fails, 2 when a file cannot be used.

Examples:
  gatehouse policy test
  gatehouse policy test scopes.test.yml --policy new-scopes.yml`

const DIFF_HELP = `
Compares what the gate would answer, not the text. Exit code 0 when nobody gains or loses anything, 1 when somebody does, 2 when a file
cannot be used.

Examples:
  gatehouse policy diff scopes.yml new-scopes.yml
  git show HEAD:scopes.yml | gatehouse policy diff - scopes.yml`

const TABLE_HELP = `
Examples:
  gatehouse policy table
  gatehouse policy table --by scope --format markdown
  gatehouse policy table --format csv > access.csv`

export function addPolicy(program: Command): void {
  const policy = program.command('policy').description('check, test, compare and show scopes.yml, for operators')
  policy
    .command('check')
    .description('list every problem of a policy, and what is probably not meant')
    .argument('[file]', FILE)
    .option('--strict', 'let warnings fail too')
    .option('--json', 'print JSON')
    .addHelpText('after', CHECK_HELP)
    .action(async (file, options) => (await import('./policy_check.ts')).check(file, options))
  policy
    .command('test')
    .description('run allowed and denied examples against a policy')
    .argument('[file]', 'file of examples', 'scopes.test.yml')
    .option('--policy <file>', 'the policy to test')
    .option('--json', 'print JSON')
    .addHelpText('after', TEST_HELP)
    .action(async (file, options) => (await import('./policy_test.ts')).test(file, options))
  policy
    .command('diff')
    .description('say who gains and who loses what')
    .argument('<old>', 'policy file; - reads standard input')
    .argument('<new>', 'policy file; - reads standard input')
    .option('--json', 'print JSON')
    .addHelpText('after', DIFF_HELP)
    .action(async (before, after, options) => (await import('./policy_diff.ts')).diff(before, after, options))
  policy
    .command('table')
    .description('show who may call what')
    .argument('[file]', FILE)
    .addOption(new Option('--format <format>', 'how').choices(['text', 'markdown', 'csv', 'json']).default('text'))
    .addOption(new Option('--by <holder>', 'whose rights').choices(['group', 'scope']).default('group'))
    .addHelpText('after', TABLE_HELP)
    .action(async (file, options) => (await import('./policy_table.ts')).table(file, options))
}
