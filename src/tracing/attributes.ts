/** What a span says of a decision: the names of OpenTelemetry's semantic conventions where there are any. No credential, and no user. */
import type { Attributes } from '@opentelemetry/api'
import { decodeCall } from '../gate/call.ts'
import { refusal } from '../gate/refusal.ts'
import type { Decision } from '../gate/reply.ts'
import type { Asked } from '../question.ts'

/** Where the conventions for MCP have what is called; `params.name` or `params.uri` of the method. */
const TARGETS: Readonly<Record<string, string>> = {
  'tools/call': 'gen_ai.tool.name',
  'prompts/get': 'gen_ai.prompt.name',
  'resources/read': 'mcp.resource.uri',
}

export const statusOf = (decision: Decision): number => (decision.kind === 'allow' ? 204 : refusal(decision.reason).status)

/** Values from clients are cut as in the log. */
export function attributesOf(decision: Decision, { server, httpMethod, call, requestId }: Asked): Attributes {
  const { principal } = decision
  const status = statusOf(decision)
  const attributes: Attributes = {
    'http.request.method': 'GET',
    'http.route': '/validate',
    'http.response.status_code': status,
    'gatehouse.decision': decision.kind,
    'gatehouse.server': cut(server),
    'gatehouse.http_method': cut(httpMethod),
    'gatehouse.request_id': cut(requestId),
  }
  if (decision.kind === 'refuse') attributes['gatehouse.reason'] = decision.reason
  if (decision.kind === 'refuse' && status >= 500) attributes['error.type'] = decision.reason
  if (principal) {
    attributes['gatehouse.auth_method'] = principal.authMethod
    attributes['gatehouse.client_id'] = principal.clientId
  }
  const { method = '', name = null } = (call && decodeCall(call)) || {}
  if (method !== '') attributes['mcp.method.name'] = cut(method)
  const target = TARGETS[method]
  if (target !== undefined && name !== null) attributes[target] = cut(name)
  return attributes
}

const cut = (text: string): string => (text.length > 512 ? `${text.slice(0, 512)}…` : text)
