/**
 * A local endpoint that speaks the wire formats of Amazon Bedrock (Converse), Anthropic (Messages) and OpenAI (chat completions), and
 * refuses what they refuse. Which tool it wants is chosen from the request.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { anthropic, bedrock, openai } from './model_formats.ts'

export interface Asked {
  format: 'bedrock' | 'anthropic' | 'openai'
  path: string
  headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: the body is whatever the provider's format is
  body: any
}

export interface ModelEndpoint {
  asked: Asked[]
  /** The next answers are these instead, one each. */
  answers: Array<{ status: number; body: unknown; headers?: Record<string, string> }>
  /** Settings by which each provider is reached here. */
  env: Record<Asked['format'], Record<string, string>>
  close(): Promise<void>
}

const FORMATS = [bedrock, anthropic, openai]

export async function startModelEndpoint(): Promise<ModelEndpoint> {
  const asked: Asked[] = []
  const answers: ModelEndpoint['answers'] = []
  const answer = async (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const path = decodeURIComponent(request.url ?? '')
    const format = FORMATS.find((one) => one.path.test(path))
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      ;(response as ServerResponse).writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    if (format === undefined) return send(404, { message: `no such path: ${path}` })
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    asked.push({ format: format.name, path, headers: request.headers, body })
    const planned = answers.shift()
    if (planned !== undefined) return send(planned.status, planned.body, planned.headers)
    const problem = format.check(body, request.headers)
    return problem === null
      ? send(200, format.answer(body))
      : send(400, format.refuse(problem), { 'x-amzn-errortype': 'ValidationException' })
  }
  // The SDK of AWS speaks HTTP/2 to Bedrock.
  const servers = [createServer(answer), createHttp2Server(answer)] as const
  const sessions = new Set<ServerHttp2Session>()
  servers[1].on('session', (session) => sessions.add(session))
  const [url, bedrockUrl] = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    }),
  )
  return {
    asked,
    answers,
    env: {
      bedrock: {
        BEDROCK_MODEL_ID: 'eu.some-maker.some-model-v1:0',
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'made-up-aws-secret',
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrockUrl as string,
      },
      anthropic: { ANTHROPIC_API_KEY: 'made-up-anthropic-key', ANTHROPIC_BASE_URL: url as string, ANTHROPIC_MODEL: 'some-model' },
      openai: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'some-local-model' },
    },
    async close() {
      for (const session of sessions) session.destroy()
      servers[0].closeAllConnections()
      await Promise.all(servers.map((server) => new Promise((done) => void server.close(done))))
    },
  }
}
