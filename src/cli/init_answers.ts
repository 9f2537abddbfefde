/** The answers of `gatehouse init`: from options, and from the person at the terminal for what these leave open. */
import { needsExplicitIssuer, regionOfPool } from '../cognito/pool.ts'
import { type Answers, problemsWith } from '../init/files.ts'
import { readServer } from '../init/server.ts'
import type { InitOptions } from './init.ts'
import { type Asker, createAsker } from './init_ask.ts'

export interface Answered {
  answers: Answers
  /** `NAME=URL`. */
  servers: string[]
}

/** @param secret of the login's app client, from the environment */
export function fromOptions({ url, pool, issuer, domain, client, agent, server }: InitOptions, secret: string | undefined): Answered {
  const clients = [...new Set([...(client === undefined ? [] : [client]), ...agent])]
  const answers: Answers = {
    REGISTRY_URL: url === undefined ? null : asWritten(url),
    COGNITO_USER_POOL_ID: pool ?? null,
    COGNITO_ISSUER: issuer ?? null,
    COGNITO_DOMAIN: domain ?? null,
    COGNITO_CLIENT_ID: client ?? null,
    // Without its client it means nothing.
    COGNITO_CLIENT_SECRET: client === undefined ? null : (secret ?? null),
    ALLOWED_CLIENT_IDS: clients.length > 0 ? clients.join(',') : null,
  }
  return { answers, servers: server }
}

/** As the gateway writes it, which Cognito compares to the letter: in lower case, without the usual port. What is no such URL stays, and is refused. */
function asWritten(url: string): string {
  const parts = URL.canParse(url) ? new URL(url) : null
  return parts !== null && /^https?:$/.test(parts.protocol) && parts.href === `${parts.origin}/` ? parts.origin : url
}

/** Asks for everything that the options do not name. */
export async function askForRest(options: InitOptions, secret: string | undefined): Promise<Answered> {
  const asker = createAsker()
  try {
    const pool = await askForPool(options, asker)
    const client = options.client ?? (await asker.ask(CLIENT))
    const typed = client === '' || secret !== undefined ? secret : await asker.ask(SECRET)
    const agent = options.agent.length > 0 ? options.agent : await askForAgents(asker, client)
    const server = options.server.length > 0 ? options.server : await askForServers(asker)
    return fromOptions({ ...options, ...pool, client: client || undefined, agent, server }, typed || undefined)
  } finally {
    asker.close()
  }
}

const check =
  (name: keyof Answers) =>
  (answer: string): string[] =>
    problemsWith({ [name]: answer })

const CLIENT = {
  text: 'App client by which users log in (empty: nobody logs in by a browser)',
  otherwise: '',
  check: (answer: string) => problemsWith({ COGNITO_CLIENT_ID: answer, ALLOWED_CLIENT_IDS: answer }),
}
const SECRET = {
  text: 'Its secret (not shown; empty for a public client)',
  otherwise: '',
  isSecret: true,
  check: check('COGNITO_CLIENT_SECRET'),
}

async function askForPool(options: InitOptions, asker: Asker): Promise<Pick<InitOptions, 'url' | 'pool' | 'issuer' | 'domain'>> {
  const url =
    options.url ??
    (await asker.ask({ text: 'Public URL of the gateway', otherwise: 'http://localhost:8000', check: check('REGISTRY_URL') }))
  // What a pool needs besides is asked for next.
  const isPool = (answer: string): string[] =>
    problemsWith({ COGNITO_USER_POOL_ID: answer }).filter((one) => !one.startsWith('COGNITO_ISSUER'))
  const pool = options.pool ?? (await asker.ask({ text: 'Cognito user pool id, such as us-east-1_AbCdEfGhI', check: isPool }))
  const isFar = needsExplicitIssuer(regionOfPool(pool) ?? '')
  const issuer =
    options.issuer ?? (isFar ? await asker.ask({ text: 'Issuer: "iss" of one of its tokens', check: check('COGNITO_ISSUER') }) : '')
  const derived = pool.replace('_', '').toLowerCase()
  const domain =
    options.domain ??
    (await asker.ask({ text: "The pool's domain: prefix, host or URL", otherwise: derived, check: check('COGNITO_DOMAIN') }))
  return { url, pool, domain, ...(issuer && { issuer }) }
}

async function askForAgents(asker: Asker, client: string): Promise<string[]> {
  const text = 'App clients of agents, separated by commas'
  // Somebody must be let in.
  const optional = client === '' ? {} : { otherwise: '' }
  const answer = await asker.ask({ text: client === '' ? text : `${text} (empty: none)`, ...optional, check: check('ALLOWED_CLIENT_IDS') })
  return answer.split(/[\s,]+/).filter((id) => id !== '')
}

async function askForServers(asker: Asker): Promise<string[]> {
  const servers: string[] = []
  const isServer = (answer: string): string[] => {
    const read = readServer(answer)
    return 'problem' in read
      ? [read.problem]
      : servers.some((one) => one.startsWith(`${read.name}=`))
        ? [`"${read.name}" is named already`]
        : []
  }
  for (;;) {
    const first = servers.length === 0
    const text = first ? 'An MCP server, NAME=URL, such as currenttime=http://127.0.0.1:9001' : 'Another one (empty: no more)'
    const answer = await asker.ask({ text, ...(first ? {} : { otherwise: '' }), check: isServer })
    if (answer === '') return servers
    servers.push(answer)
  }
}
