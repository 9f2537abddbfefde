/** A collector of OpenTelemetry for tests: keeps what it is sent, and answers as the test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '../support/process.ts'

/** As OTLP/JSON has it. */
export interface SentSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code: number; message?: string }
  attributes: Record<string, unknown>
}

export interface Received {
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Collector {
  port: number
  url: string
  received: Received[]
  /** Replace it to answer otherwise, or not at all. */
  answer(response: ServerResponse): void
  spans(): SentSpan[]
  resources(): Record<string, unknown>[]
  /** Resolves once there are so many spans; with them. */
  untilSpans(count: number): Promise<SentSpan[]>
  close(): Promise<void>
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

interface Request {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: (Omit<SentSpan, 'attributes'> & { attributes: Attribute[] })[] }[]
  }[]
}

const plain = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

export async function startCollector(at = 0): Promise<Collector> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      self.received.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      self.answer(response)
    })
  })
  await new Promise<void>((done) => server.listen(at, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const sent = (): Request['resourceSpans'] =>
    self.received
      .filter(({ headers }) => headers['content-type'] === 'application/json')
      .flatMap(({ body }) => (JSON.parse(body.toString()) as Request).resourceSpans)
  const self: Collector = {
    port,
    url: `http://127.0.0.1:${port}`,
    received: [],
    answer: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    spans: () =>
      sent().flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, attributes: plain(span.attributes) }))),
      ),
    resources: () => sent().map(({ resource }) => plain(resource.attributes)),
    untilSpans: async (count) => {
      await until(`there are ${count} spans`, () => self.spans().length >= count)
      return self.spans()
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(() => done()))
    },
  }
  return self
}
