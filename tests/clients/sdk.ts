/** The official SDK's clients of both lines, each with its own way to finish a login. */
import * as current from '@modelcontextprotocol/client'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Provider } from './provider.ts'

export interface SdkClient {
  /** Makes a connection of its own. */
  connect(): Promise<void>
  /** Hands over what the browser has brought. */
  finish(answer: URLSearchParams): Promise<void>
  tools(): Promise<string[]>
  /** The text of a tool's answer. */
  call(name: string, args: Record<string, unknown>): Promise<string>
  /** Whether this failure means that the user has been sent to log in. */
  wantsLogin(error: unknown): boolean
  close(): Promise<void>
}

const INFO = { name: 'test', version: '1.0.0' }

interface Answer {
  content?: unknown
}
const textOf = ({ content }: Answer): string => (content as Array<{ text?: string }>).map(({ text = '' }) => text).join('\n')

/** The package @modelcontextprotocol/sdk, whose transports are used up by a failed connection. */
export function createFirst(url: string, authProvider: Provider): SdkClient {
  let transport = new StreamableHTTPClientTransport(new URL(url), { authProvider })
  let client = new Client(INFO)
  return {
    connect: async () => {
      transport = new StreamableHTTPClientTransport(new URL(url), { authProvider })
      client = new Client(INFO)
      await client.connect(transport as Parameters<Client['connect']>[0])
    },
    finish: (answer) => transport.finishAuth(answer.get('code') ?? ''),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOf((await client.callTool({ name, arguments: args })) as Answer),
    wantsLogin: (error) => error instanceof UnauthorizedError,
    close: () => client.close(),
  }
}

/** The package @modelcontextprotocol/client. */
export function createCurrent(url: string, authProvider: Provider): SdkClient {
  let transport = new current.StreamableHTTPClientTransport(new URL(url), { authProvider })
  let client = new current.Client(INFO)
  return {
    connect: async () => {
      transport = new current.StreamableHTTPClientTransport(new URL(url), { authProvider })
      client = new current.Client(INFO)
      await client.connect(transport)
    },
    finish: (answer) => transport.finishAuth(answer),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOf((await client.callTool({ name, arguments: args })) as Answer),
    wantsLogin: (error) => error instanceof current.UnauthorizedError,
    close: () => client.close(),
  }
}
