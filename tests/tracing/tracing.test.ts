/** Decisions as spans: what a collector gets of calls through NGINX. */

import { parentOf } from '../../src/trace.ts'
import { attributesOf, statusOf } from '../../src/tracing/attributes.ts'
import * as assert from '../support/assert.ts'
import { call, type Gateway, post, startGateway } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { type Collector, type SentSpan, startCollector } from './collector.ts'

const tracing = suite('tracing')
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
let collector: Collector
let gateway: Gateway
let token = ''

tracing.before(async () => {
  collector = await startCollector()
  gateway = await startGateway({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=key%20of%20the%20collector',
      OTEL_SERVICE_NAME: 'gate-one',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.namespace=mcp',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  })
  token = await gateway.issuer.token()
})
tracing.after(async () => {
  await gateway?.close()
  await collector?.close()
})

/** A call through NGINX, and the spans that come of it. */
async function spansOf(count: number, tool: string, headers: Record<string, string>): Promise<SentSpan[]> {
  collector.received.length = 0
  await gateway.raw(post('/currenttime/mcp', call(tool), headers))
  return collector.untilSpans(count)
}

tracing('a decision is a span of the trace that the request is part of', async () => {
  const before = BigInt(Date.now()) * 1_000_000n
  const headers = { Authorization: `Bearer ${token}`, traceparent: `00-${TRACE}-${PARENT}-01`, 'X-Request-Id': 'request-1' }
  const [who, what, ...more] = await spansOf(2, 'delete_all', headers)
  assert.equal(more, [])
  for (const span of [who, what]) {
    assert.equal([span?.name, span?.kind, span?.traceId, span?.parentSpanId], ['GET /validate', 2, TRACE, PARENT])
    assert.match(span?.spanId ?? '', /^(?!00f067aa0ba902b7)[0-9a-f]{16}$/)
    const [start, end] = [BigInt(span?.startTimeUnixNano ?? 0), BigInt(span?.endTimeUnixNano ?? 0)]
    assert.ok(before - 1_000_000_000n < start && start < end && end - start < 1_000_000_000n && end < before + 10_000_000_000n)
    // Unset: a refusal is no fault.
    assert.is(span?.status.code, 0)
  }
  assert.not.equal(who?.spanId, what?.spanId)
  const shared = {
    'http.request.method': 'GET',
    'http.route': '/validate',
    'gatehouse.server': 'currenttime',
    'gatehouse.http_method': 'POST',
    'gatehouse.request_id': 'request-1',
    'gatehouse.auth_method': 'jwt',
    'gatehouse.client_id': 'agent',
  }
  assert.equal(who?.attributes, { ...shared, 'http.response.status_code': 204, 'gatehouse.decision': 'allow' })
  assert.equal(what?.attributes, {
    ...shared,
    'http.response.status_code': 403,
    'gatehouse.decision': 'refuse',
    'gatehouse.reason': 'name_not_allowed',
    'mcp.method.name': 'tools/call',
    'gen_ai.tool.name': 'delete_all',
  })
})

tracing('it says whose it is, by the variables of OpenTelemetry', async () => {
  await spansOf(1, 'now', { Authorization: `Bearer ${token}` })
  const [resource] = collector.resources()
  assert.equal(
    [
      resource?.['service.name'],
      resource?.['deployment.environment.name'],
      resource?.['service.namespace'],
      resource?.['telemetry.sdk.name'],
    ],
    ['gate-one', 'test', 'mcp', 'opentelemetry'],
  )
  assert.match(String(resource?.['service.version']), /^\d+\.\d+\.\d+/)
  const [first] = collector.received
  assert.equal([first?.url, first?.headers['x-api-key']], ['/v1/traces', 'key of the collector'])
})

tracing('without a trace of the caller it begins one; a caller that does not record makes none', async () => {
  const headers = { Authorization: `Bearer ${token}` }
  // Were there spans of the first two, they would come before the third one's.
  collector.received.length = 0
  for (const flags of ['00', '02'])
    await gateway.raw(post('/currenttime/mcp', call('now'), { ...headers, traceparent: `00-${TRACE}-${PARENT}-${flags}` }))
  await gateway.raw(post('/currenttime/mcp', call('now'), { ...headers, traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` }))
  const [root, ...more] = await collector.untilSpans(1)
  assert.equal(more, [])
  assert.match(root?.traceId ?? '', /^(?!0{32}|4bf92f35)[0-9a-f]{32}$/)
  assert.is(root?.parentSpanId ?? '', '')
})

tracing('neither credentials nor users get to the collector', async () => {
  const cookie = await gateway.cookie(['callers'], 'rosa@example.com')
  const spans = await spansOf(2, 'delete_all', { Cookie: cookie })
  assert.equal(
    spans.map(({ attributes }) => attributes['gatehouse.auth_method']),
    ['session_cookie', 'session_cookie'],
  )
  await gateway.raw(post('/currenttime/mcp', call('now'), { Authorization: `Bearer ${token}x` }))
  await gateway.raw(post('/currenttime/mcp', call('now')))
  const stranger = (await collector.untilSpans(4)).at(-1)
  assert.equal([stranger?.attributes['gatehouse.reason'], stranger?.attributes['gatehouse.client_id']], ['no_credentials', undefined])
  const all = collector.received.map(({ body }) => body.toString()).join('\n')
  for (const secret of [token.split('.')[2], cookie.split('=')[1], 'rosa', 'Bearer', 'mcp_gateway_session'])
    assert.not.ok(all.includes(secret as string), secret)
})

const asked = {
  authorization: undefined,
  cookie: undefined,
  origin: undefined,
  server: 'currenttime',
  httpMethod: 'POST',
  transport: 'mcp',
  requestId: '',
  traceparent: '',
  url: '',
} as const
const callOf = (method: string, name?: string): string => Buffer.from(JSON.stringify({ method, name })).toString('base64url')

tracing('what is called has the name that the conventions give it, and is cut as in the log', () => {
  const refused = { kind: 'refuse', reason: 'name_not_allowed', principal: null, scope: null, lacking: null } as const
  const of = (method: string, name?: string) => attributesOf(refused, { ...asked, call: callOf(method, name) })
  assert.is(of('prompts/get', 'hello')['gen_ai.prompt.name'], 'hello')
  assert.is(of('resources/read', 'file:///x')['mcp.resource.uri'], 'file:///x')
  assert.is(of('tools/list')['mcp.method.name'], 'tools/list')
  const long = attributesOf(refused, { ...asked, call: '', requestId: 'x'.repeat(600) })
  assert.is(String(long['gatehouse.request_id']).length, 513)
})

tracing('where the gate cannot decide, it says so as an error', () => {
  const fault = { kind: 'refuse', reason: 'keys_unavailable', principal: null, scope: null, lacking: null } as const
  assert.is(statusOf(fault), 503)
  assert.is(attributesOf(fault, { ...asked, call: '' })['error.type'], 'keys_unavailable')
})

tracing('the caller in a traceparent is read strictly', () => {
  assert.equal(parentOf(`00-${TRACE}-${PARENT}-03`), { traceId: TRACE, spanId: PARENT, traceFlags: 1 })
  assert.equal(parentOf(`cc-${TRACE}-${PARENT}-fe`), { traceId: TRACE, spanId: PARENT, traceFlags: 0 })
  for (const bad of ['', `00-${TRACE}-${PARENT}-01-x`, `00-${TRACE}-${'0'.repeat(16)}-01`, `ff-${TRACE}-${PARENT}-01`])
    assert.is(parentOf(bad), null, bad)
})

tracing.run()
