/** Tokens in the wrong place, twice, in the wrong form, or for another pool; and the validator's own port. */
import { createServer } from 'node:net'
import { startIssuer } from '../support/issuer.ts'
import { send } from '../support/raw.ts'
import { malformed, untouched } from './odd_headers.ts'
import { type Case, DELIVERED, getFrom, http, postTo, runTable } from './table.ts'
import { bearer } from './world.ts'

const token = (line: string): string => line.slice('Authorization: Bearer '.length)

/** Refused without an answer from the gate proper: NGINX does not take the request. */
const noCredential = (id: string, name: string, authorization: (good: string) => string): Case => ({
  id,
  name,
  send: (w) => postTo('/currenttime/mcp', [authorization(token(w.agent))]),
  status: 401,
  backend: 'nothing',
})

const AUTHORIZATION: Case[] = [
  malformed('41', 'two Authorization, good and bad', (w) => [w.agent, bearer('bad')]),
  malformed('41', 'two Authorization, bad and good', (w) => [bearer('bad'), w.agent]),
  malformed('41', 'two Authorization, both good', (w) => [w.agent, w.agent]),
  malformed('41', 'two Authorization in two spellings', (w) => ['authorization: Basic eDp5', w.agent]),
  malformed('41', 'two Authorization, one empty', (w) => ['Authorization:', w.agent]),
  noCredential('41', 'two tokens in one header', (good) => `Authorization: Bearer ${good}, Bearer ${good}`),
  noCredential('41', 'a token list', (good) => `Authorization: Bearer ${good},${good}`),
  noCredential('44', 'Basic with a token', (good) => `Authorization: Basic ${good}`),
  noCredential('44', 'Token instead of Bearer', (good) => `Authorization: Token ${good}`),
  noCredential('44', 'DPoP instead of Bearer', (good) => `Authorization: DPoP ${good}`),
  noCredential('44', 'a bare token', (good) => `Authorization: ${good}`),
  noCredential('44', 'Bearer alone', () => 'Authorization: Bearer'),
  noCredential('44', 'Bearer and a space', () => 'Authorization: Bearer '),
  noCredential('44', 'two spaces', (good) => `Authorization: Bearer  ${good}`),
  noCredential('44', 'a tab', (good) => `Authorization: Bearer\t${good}`),
  noCredential('44', 'no space', (good) => `Authorization: Bearer${good}`),
  noCredential('44', 'a colon', (good) => `Authorization: Bearer: ${good}`),
  noCredential('44', 'quotes', (good) => `Authorization: Bearer "${good}"`),
  noCredential('44', 'Bearer twice', (good) => `Authorization: Bearer Bearer ${good}`),
  noCredential('44', 'an empty header', () => 'Authorization:'),
  noCredential('44', 'a parameter', (good) => `Authorization: Bearer token=${good}`),
  noCredential('44', 'a byte beyond ASCII', (good) => `Authorization: Bearer ${good}\xa0`),
  noCredential('44', 'a token in Proxy-Authorization', (good) => `Proxy-Authorization: Bearer ${good}`),
  noCredential('44', 'a token in X-Authorization', (good) => `X-Authorization: Bearer ${good}`),
  noCredential('44', 'a token under a name with an underscore', (good) => `Authorization_: Bearer ${good}`),
  ...['bearer', 'BEARER', 'bEaReR'].map(
    (scheme): Case => ({
      id: '43',
      name: `the scheme as ${scheme} (RFC 9110: in any case)`,
      send: (w) => postTo('/currenttime/mcp', [`aUTHORIZATION: ${scheme} ${token(w.agent)}`]),
      status: 200,
      backend: DELIVERED,
    }),
  ),
  untouched('40', 'Connection: Authorization'),
  untouched('40', 'Connection: close, Authorization, Cookie'),
  {
    id: '40',
    name: 'Connection: Authorization without a credential',
    send: postTo('/currenttime/mcp', ['Connection: Authorization']),
    status: 401,
    backend: 'nothing',
  },
  {
    id: '45',
    name: 'a token in the query',
    send: (w) => postTo(`/currenttime/mcp?access_token=${token(w.agent)}`, []),
    status: 401,
    backend: 'nothing',
  },
  {
    id: '45',
    name: 'a token in the query of a page that is not there',
    send: (w) => getFrom(`/nowhere?access_token=${token(w.agent)}`, []),
    status: 404,
    backend: 'nothing',
  },
  {
    id: '45',
    name: 'a token in a form',
    send: (w) => {
      const form = `access_token=${token(w.agent)}`
      return http(
        'POST /currenttime/mcp HTTP/1.1',
        ['Host: localhost', 'Content-Type: application/x-www-form-urlencoded', `Content-Length: ${form.length}`],
        form,
      )
    },
    status: 401,
    backend: 'nothing',
  },
  {
    id: '59',
    name: 'an Authorization of 17 KB',
    send: postTo('/currenttime/mcp', [bearer('a'.repeat(17 * 1024))]),
    status: [400, 431],
    backend: 'nothing',
    decisions: 0,
  },
  {
    id: '59',
    name: 'an Authorization of 15 KB',
    send: postTo('/currenttime/mcp', [bearer('a'.repeat(15 * 1024))]),
    status: 401,
    backend: 'nothing',
  },
  {
    id: '59',
    name: 'a thousand headers',
    send: (w) => postTo('/currenttime/mcp', [w.agent, ...Array.from({ length: 5000 }, (_, index) => `X-Filler-${index}: 0123456789`)]),
    status: [400, 431],
    backend: 'nothing',
    decisions: 0,
  },
]

const POOLS: Case[] = ['X-User-Pool-Id', 'X-Client-Id', 'X-Region', 'X-Issuer'].map((name) => ({
  id: '46',
  name: `${name} and a token of an attacker's pool`,
  send: async (w) => {
    const evil = await startIssuer('us-east-1_Attacker1')
    const stolen = w.secret(await evil.token({ client_id: 'agent' }))
    const lines = [`${name}: ${evil.poolId}`, `X-User-Pool-Id: ${evil.poolId}`, 'X-Region: us-east-1', 'X-Client-Id: agent', bearer(stolen)]
    const answers = await w.gateway.raw(postTo('/currenttime/mcp', lines))
    await evil.close()
    if (evil.fetches > 0) throw new Error('the keys of the attacker were fetched')
    return answers
  },
  status: 401,
  backend: 'nothing',
}))

/** The validator's own port: only for NGINX, and not to be held up by anybody who gets there. */
const DIRECT: Case[] = [
  {
    id: '62',
    name: '10 MB of garbage straight to the validator do not hold it up',
    send: async ({ gateway }) => {
      const flood = send(gateway.validatorPort, http('GET /validate HTTP/1.1', ['Host: x', bearer('A'.repeat(10 * 1024 * 1024))]))
      const started = Date.now()
      const [answer] = await send(gateway.validatorPort, http('GET /health HTTP/1.1', ['Host: x']))
      if (answer?.status !== 200 || Date.now() - started > 1000) throw new Error(`${answer?.status} after ${Date.now() - started} ms`)
      return flood
    },
    status: [0, 400, 431],
    backend: 'nothing',
  },
  {
    id: '63',
    name: 'the validator listens on its own address alone',
    // Whoever can open the port on another loopback address finds it free there.
    send: ({ gateway }) =>
      new Promise((done, fail) => {
        const probe = createServer()
        probe.once('error', fail)
        probe.listen(gateway.validatorPort, '127.0.0.2', () => probe.close(() => done([])))
      }),
    status: 0,
    backend: 'nothing',
  },
]

runTable('authorization', [...AUTHORIZATION, ...POOLS, ...DIRECT])
