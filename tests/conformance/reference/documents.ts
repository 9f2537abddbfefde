/** Resources and prompts, and the methods around them. */
import { acceptedContent, type GetPromptResult, type McpServer, ResourceTemplate, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { PNG } from './contents.ts'
import { ask } from './questions.ts'

const plain = (uri: string) => async () => ({ contents: [{ uri, mimeType: 'text/plain', text: `the text of ${uri}` }] })
const described = (mimeType: string) => ({ description: `A resource of type ${mimeType}`, mimeType })

export function addResources(server: McpServer): void {
  for (const name of ['static-text', 'watched-resource'])
    server.registerResource(name, `test://${name}`, described('text/plain'), plain(`test://${name}`))
  const binary = 'test://static-binary'
  server.registerResource('static-binary', binary, described('image/png'), async () => ({
    contents: [{ uri: binary, mimeType: 'image/png', blob: PNG }],
  }))
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined })
  server.registerResource('template', template, described('application/json'), async ({ href: uri }, { id }) => ({
    contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id }) }],
  }))
}

type Part = GetPromptResult['messages'][number]['content']
const say = (...parts: Part[]): GetPromptResult => ({ messages: parts.map((content) => ({ role: 'user', content })) })

export function addPrompts(server: McpServer): void {
  const words = { type: 'text' as const, text: 'Look at this.' }
  server.registerPrompt('test_simple_prompt', { description: 'Takes nothing' }, async () => say(words))
  const two = z.object({ arg1: z.string(), arg2: z.string() })
  server.registerPrompt('test_prompt_with_arguments', { description: 'Takes two', argsSchema: two }, async ({ arg1, arg2 }) =>
    say({ type: 'text', text: `${arg1} and ${arg2}` }),
  )
  const one = z.object({ resourceUri: z.string() })
  server.registerPrompt('test_prompt_with_embedded_resource', { description: 'Embeds', argsSchema: one }, async ({ resourceUri: uri }) =>
    say({ type: 'resource', resource: { uri, mimeType: 'text/plain', text: 'embedded' } }, words),
  )
  server.registerPrompt('test_prompt_with_image', { description: 'Shows a pixel' }, async () =>
    say({ type: 'image', data: PNG, mimeType: 'image/png' }, words),
  )
  // Without arguments the context comes first, which the types of the SDK do not say.
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, async (first: unknown) => {
    const answers = (first as ServerContext).mcpReq.inputResponses
    const { context } = acceptedContent<{ context: string }>(answers, 'user_context') ?? {}
    return context === undefined ? ask({ user_context: { context: 'string' } }) : say({ type: 'text', text: context })
  })
}

/** What clients of 2025-11-25 expect beside: log levels, subscriptions, completion. */
export function addMethods(server: McpServer): void {
  server.server.setRequestHandler('logging/setLevel', async () => ({}))
  server.server.setRequestHandler('resources/subscribe', async () => ({}))
  server.server.setRequestHandler('resources/unsubscribe', async () => ({}))
  server.server.setRequestHandler('completion/complete', async () => ({ completion: { values: [], total: 0, hasMore: false } }))
}
