/** Runs tables of attacks on login, logout and handover: looks at the answer, at who is signed in afterwards, and at the logs. */
import type { LoginReason } from '../../src/cognito/login_reasons.ts'
import { type LoginWorld, type LoginWorldOptions, login, SESSION, startLoginWorld, whoAmI } from '../support/login_world.ts'
import { until } from '../support/process.ts'
import type { Browser, Visit } from '../support/visitor.ts'
import { attackSuite } from './attack_suite.ts'

export interface LoginCase {
  /** Row in the list of attacks; siblings of a row share its number. */
  id: string
  name: string
  /** Does it, as the browser or to it, and gives the answer to look at. */
  attack(world: LoginWorld, browser: Browser): Promise<Visit>
  status: number | readonly number[]
  /** As it was sent; none when left out. */
  location?: string | ((location: string, world: LoginWorld) => boolean)
  /** What the answer does to cookies: `session`, `login`, `after_logout`, with a minus when removed. */
  cookies?: readonly string[]
  /** Why, as the validator has logged it. */
  reason?: LoginReason
  /** How often the pool's token endpoint was asked. */
  exchanges?: number
  /** Who the browser is signed in as afterwards. */
  session?: string | null
  /** The answer is meant to hold a secret. */
  shows?: boolean
  /** More to look at: throw, or give a sentence for what is wrong. */
  check?(answer: Visit, world: LoginWorld, browser: Browser): unknown
}

/** What an answer does to the cookies of the gateway, in short. */
export const cookieWork = ({ cookies }: Visit): string[] =>
  cookies.map(({ name, attributes }) => {
    const kind = name.slice(name.indexOf(SESSION) + SESSION.length).replace(/^_login_.*/, '_login')
    return `${/^Max-Age=0;/.test(attributes) ? '-' : ''}${kind === '' ? 'session' : kind.slice(1)}`
  })

/** Makes and runs a suite: one test a case, and at the end one that searches all logs. */
export function runLoginTable(name: string, cases: readonly LoginCase[], options: LoginWorldOptions = {}): void {
  const table = attackSuite(name)
  let world: LoginWorld | undefined
  table.before(async () => {
    world = await startLoginWorld(options)
  })
  table.after(() => world?.close())
  for (const one of cases) table(`${one.id} ${one.name}`, () => runCase(world as LoginWorld, one))
  table('no secret in any log, and nothing has crashed', () => {
    const problems = logProblems(world as LoginWorld)
    if (problems.length > 0) throw new Error(problems.join('\n').slice(0, 3000))
  })
  table.run()
}

/** Lines that should not be in any log. */
export function logProblems({ gateway, secrets }: LoginWorld): string[] {
  const logs = gateway.logs()
  const lines = logs.split('\n')
  const leaks = [...secrets].filter((text) => logs.includes(text))
  const leaked = lines.filter((line) => leaks.some((text) => line.includes(text)))
  return [...leaked, ...lines.filter((line) => /exited on signal|unexpected error|internal_error|\[(?:error|alert|emerg)\]/.test(line))]
}

async function runCase(world: LoginWorld, one: LoginCase): Promise<void> {
  const browser = world.browser()
  const asked = world.exchanges.length
  const logged = world.gateway.validator.output().length
  world.tokenAnswer = null
  const answer = await one.attack(world, browser)
  world.tokenAnswer = null
  const problems = answerProblems(one, answer, world)
  if (world.exchanges.length - asked !== (one.exchanges ?? 0))
    problems.push(`${world.exchanges.length - asked} questions to the token endpoint`)
  const user = (await whoAmI(world, browser))?.user ?? null
  if (user !== (one.session ?? null)) problems.push(`signed in as ${user} instead of ${one.session ?? null}`)
  if (one.reason !== undefined) {
    const line = `"reason":"${one.reason}"`
    await until(`${line} was logged`, () => world.gateway.validator.output().slice(logged).includes(line), 1000).catch(({ message }) =>
      problems.push(message),
    )
  }
  try {
    const problem = await one.check?.(answer, world, browser)
    if (typeof problem === 'string') problems.push(problem)
  } catch (error) {
    problems.push((error as Error).message)
  }
  problems.push(...(await goodLogin(world)))
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\nanswer: ${JSON.stringify(answer).slice(0, 3000)}`)
}

function answerProblems(one: LoginCase, answer: Visit, world: LoginWorld): string[] {
  const { status, location, headers, body } = answer
  const problems = [one.status].flat().includes(status) ? [] : [`status ${status} instead of ${[one.status].flat().join(' or ')}`]
  const fits = typeof one.location === 'function' ? location !== null && one.location(location, world) : location === (one.location ?? null)
  if (!fits) problems.push(`Location ${location}`)
  const work = cookieWork(answer)
  if (JSON.stringify(work) !== JSON.stringify(one.cookies ?? [])) problems.push(`cookies ${work.join(', ')}`)
  if (!one.shows && [...world.secrets].some((text) => body.includes(text))) problems.push('a secret is in the answer')
  if (headers['content-type']?.[0]?.startsWith('text/html') && !body.includes('<center>nginx</center>'))
    problems.push(...pageProblems(headers))
  if (Object.keys(headers).some((name) => name.startsWith('access-control-'))) problems.push('other sites may read it')
  return problems
}

/** A page may run nothing, load nothing from elsewhere, be framed by nobody and be kept by nobody. */
function pageProblems(headers: Visit['headers']): string[] {
  const policy = headers['content-security-policy'] ?? []
  const [words = ''] = policy
  const missing = ["default-src 'none'", "frame-ancestors 'none'"].filter((rule) => !words.split('; ').includes(rule))
  return [
    ...missing.map((rule) => `the page lacks ${rule}`),
    ...(policy.length === 1 && !words.includes('unsafe') ? [] : [`policy ${policy}`]),
    ...(headers['cache-control']?.join() === 'no-store' ? [] : [`Cache-Control ${headers['cache-control']}`]),
  ]
}

/** Whatever was done before: the next one can sign in. */
async function goodLogin(world: LoginWorld): Promise<string[]> {
  const browser = world.browser()
  const { status, location } = await login(world, browser)
  const user = (await whoAmI(world, browser))?.user
  return status === 302 && location === '/oauth2/' && user === 'rosa' ? [] : [`the good login afterwards: ${status} ${location} ${user}`]
}
