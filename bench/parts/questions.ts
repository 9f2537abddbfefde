/** The question that NGINX asks the validator, asked without NGINX. */
import type { Lab } from '../lab/lab.ts'
import type { Target } from '../measure.ts'

/** The headers that nginx/gatehouse/question.conf sends when a call comes in. */
export const questionHeaders = (credential: Record<string, string>): Record<string, string> => ({
  Host: 'validator',
  ...credential,
  'X-Mcp-Server': 'currenttime',
  'X-Mcp-Http-Method': 'POST',
  'X-Mcp-Transport': 'mcp',
  'X-Original-URL': '/currenttime/mcp',
  'X-Request-Id': '0123456789abcdef0123456789abcdef',
})

type Given = Pick<Target, 'name' | 'title' | 'processes'> & Partial<Target>

export const question = (lab: Lab, port: number, given: Given): Target => ({
  url: `http://127.0.0.1:${port}/validate`,
  method: 'GET',
  headers: questionHeaders({ Authorization: lab.authorization }),
  body: '',
  expect: { status: 204 },
  reachesBackend: false,
  // What Node runs often it compiles, bit by bit.
  warmUp: 2,
  ...given,
})
