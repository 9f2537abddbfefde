/** Each provider on the wire: what is sent, what is understood, and what a person is told when it fails. */
import { setMaxListeners } from 'node:events'
import { chooseModel, loadProvider, PROVIDERS, type Provider } from '../../src/agent/models/choose.ts'
import { type Conversation, type OfferedTool, sayTo } from '../../src/agent/models/model.ts'
import { ConfigError } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { type ModelEndpoint, startModelEndpoint } from './model_endpoint.ts'

const models = suite('models')
let endpoint: ModelEndpoint
const never = new AbortController().signal
setMaxListeners(0, never)
const SECRETS = /made-up-(?:aws-secret|anthropic-key)|sk-secret/

models.before(async () => {
  endpoint = await startModelEndpoint()
})
models.before.each(() => {
  endpoint.asked.length = 0
  endpoint.answers.length = 0
})
models.after(() => endpoint.close())

const TIME: OfferedTool = {
  name: 'clock__current_time',
  description: 'Gives the current time',
  inputSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { tz_name: { type: 'string', description: 'IANA time zone' } },
    required: ['tz_name'],
    additionalProperties: false,
  },
}
const BARE: OfferedTool = { name: 'bare', description: '', inputSchema: {} }

async function open(provider: Provider, changes: Record<string, string> = {}): Promise<Conversation> {
  // The SDK of AWS looks there, and what one test has put there must not help the next.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  const choice = chooseModel({ ...endpoint.env[provider], ...changes }, { provider })
  if (choice === null) throw new Error('no model')
  return (await loadProvider(provider))(choice, 'Be brief.')
}

for (const provider of PROVIDERS) {
  models(`${provider} wants a call, gets its result, and answers`, async () => {
    const conversation = await open(provider)
    const first = await conversation.say('What is the current time in Tokyo?', [TIME, BARE], never)
    const [call] = first.calls
    assert.equal([call?.name, call?.input, first.cut], ['clock__current_time', { tz_name: 'Asia/Tokyo' }, false])
    const second = await conversation.say([{ id: call?.id ?? '', text: 'It is noon over there.', failed: false }], [TIME, BARE], never)
    conversation.close()
    assert.equal([second.text, second.calls], ['It is noon over there.', []])
    assert.is(endpoint.asked.length, 2)
    assert.match(JSON.stringify(endpoint.asked[0]?.body), 'Be brief.')
    assert.not.match(JSON.stringify(endpoint.asked[0]?.body), /\$schema|additionalProperties/)
  })

  models(`${provider} is told that a call failed`, async () => {
    const conversation = await open(provider)
    const { calls } = await conversation.say('What is the current time in Tokyo?', [TIME], never)
    await conversation.say([{ id: calls[0]?.id ?? '', text: 'Missing scope: t/x', failed: true }], [TIME], never)
    conversation.close()
    const sent = JSON.stringify(endpoint.asked[1]?.body.messages)
    assert.match(sent, 'Missing scope: t/x')
    if (provider !== 'openai') assert.match(sent, /"is_error":true|"status":"error"/)
  })

  models(`${provider} that cannot be reached is told as such`, async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    const names = ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', 'ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL']
    const conversation = await open(provider, Object.fromEntries(names.map((name) => [name, nobody])))
    const error = (await conversation.say('hi', [], never).catch((caught) => caught)) as Error
    assert.is(error.name, 'ModelError')
    assert.match(error.message, /cannot be reached/)
    conversation.close()
  })

  models(`${provider} can be interrupted`, async () => {
    const conversation = await open(provider)
    const error = (await conversation.say('hi', [TIME], AbortSignal.abort(new Error('enough'))).catch((caught) => caught)) as Error
    assert.is(error.message, 'enough')
    conversation.close()
  })
}

const wrong = (type: string, message: string) => ({ type: 'error', error: { type, message }, message })
for (const [provider, status, body, headers, settings, expected] of [
  ['anthropic', 401, wrong('authentication_error', 'invalid x-api-key'), {}, true, /^Anthropic does not accept ANTHROPIC_API_KEY\.$/],
  ['anthropic', 403, wrong('permission_error', 'no'), {}, true, /does not let this ANTHROPIC_API_KEY use the model "some-model"/],
  ['anthropic', 404, wrong('not_found_error', 'model: some-model'), {}, true, /has no model "some-model".*model: some-model/],
  ['anthropic', 400, wrong('invalid_request_error', 'too long'), {}, false, /status 400: too long/],
  ['openai', 401, { error: { message: 'Incorrect API key provided: sk-secret' } }, {}, true, /does not accept OPENAI_API_KEY\.$/],
  ['openai', 404, { error: { message: 'The model does not exist' } }, {}, true, /has no model "some-local-model".*does not exist/],
  [
    'bedrock',
    403,
    { message: 'not authorized' },
    { 'x-amzn-errortype': 'AccessDeniedException' },
    true,
    /bedrock:InvokeModel.*not authorized/,
  ],
  ['bedrock', 400, { message: 'on-demand' }, { 'x-amzn-errortype': 'ValidationException' }, true, /inference profile.*on-demand/],
  ['bedrock', 404, { message: 'gone' }, { 'x-amzn-errortype': 'ResourceNotFoundException' }, true, /no such model in this region/],
  ['bedrock', 403, { message: 'x' }, { 'x-amzn-errortype': 'ExpiredTokenException' }, true, /have expired/],
  ['bedrock', 403, { message: 'x' }, { 'x-amzn-errortype': 'UnrecognizedClientException' }, true, /not valid/],
  ['bedrock', 418, { message: 'tea' }, { 'x-amzn-errortype': 'TeapotException' }, false, /status 418: TeapotException/],
] as Array<[Provider, number, unknown, Record<string, string>, boolean, RegExp]>) {
  models(`${provider}: ${status} ${JSON.stringify(body)} is explained`, async () => {
    const conversation = await open(provider, { OPENAI_API_KEY: 'sk-secret' })
    endpoint.answers.push({ status, body, headers })
    const error = (await conversation.say('hi', [TIME], never).catch((caught) => caught)) as Error & { settings: boolean }
    conversation.close()
    assert.match(error.message, expected)
    assert.is(error.settings, settings)
    assert.not.match(error.message, SECRETS)
  })
}

models('Bedrock may be in another region than the user pool', async () => {
  for (const [changes, region] of [
    [{}, 'eu-west-1'],
    [{ BEDROCK_REGION: 'us-west-2' }, 'us-west-2'],
  ] as const) {
    const conversation = await open('bedrock', changes)
    await conversation.say('hi', [TIME], never)
    conversation.close()
    assert.match(endpoint.asked.at(-1)?.headers.authorization ?? '', `/${region}/bedrock/`)
  }
})

models('no credentials of AWS, and no region, are told as such', async () => {
  const home = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' }
  const nobody = await open('bedrock', { ...home, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })
  const error = (await nobody.say('hi', [], never).catch((caught) => caught)) as Error
  nobody.close()
  assert.match(error.message, /There are no AWS credentials/)
  const nowhere = await open('bedrock', { ...home, AWS_REGION: '' })
  const other = (await nowhere.say('hi', [], never).catch((caught) => caught)) as Error
  nowhere.close()
  assert.match(other.message, /Set AWS_REGION/)
})

models('what a model writes instead of arguments is nobody’s crash', async () => {
  const conversation = await open('openai')
  for (const [text, input] of [
    ['{"a":1}', { a: 1 }],
    ['', {}],
    ['{a:1', null],
    ['[1]', null],
  ] as const) {
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'x', type: 'function', function: { name: 'bare', arguments: text } }],
    }
    endpoint.answers.push({ status: 200, body: { choices: [{ index: 0, message, finish_reason: 'length' }] } })
    const reply = await (await open('openai')).say('hi', [BARE], never)
    assert.equal([reply.calls[0]?.input, reply.cut], [input, true], text)
  }
  endpoint.answers.push({ status: 200, body: { choices: [] } })
  assert.match(((await conversation.say('hi', [], never).catch((caught) => caught)) as Error).message, /no choice/)
})

for (const [provider, body] of [
  ['openai', null],
  ['openai', { choices: [{}] }],
  ['openai', { choices: [{ message: { tool_calls: [{ type: 'function' }] } }] }],
  ['anthropic', null],
  ['anthropic', {}],
  ['anthropic', { content: 'text' }],
] as Array<[Provider, unknown]>) {
  models(`${provider}: ${JSON.stringify(body)} is no answer, and nobody’s crash`, async () => {
    const conversation = await open(provider, { OPENAI_API_KEY: 'sk-secret' })
    endpoint.answers.push({ status: 200, body })
    const error = (await sayTo(conversation, 'hi', [TIME], never).catch((caught) => caught)) as Error
    conversation.close()
    assert.is(error.name, 'ModelError', error.stack)
    assert.match(error.message, /gave no usable answer/)
  })
}

for (const [what, env, asked, expected] of [
  ['nothing', {}, {}, null],
  ['a model alone', {}, { model: 'm' }, ['bedrock', 'm']],
  ['Bedrock', { BEDROCK_MODEL_ID: 'b' }, {}, ['bedrock', 'b']],
  ['Anthropic', { ANTHROPIC_API_KEY: 'k', ANTHROPIC_MODEL: 'a' }, {}, ['anthropic', 'a']],
  ['a key of OpenAI', { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'o' }, {}, ['openai', 'o']],
  ['a local endpoint', { OPENAI_BASE_URL: 'http://localhost:1/v1' }, { model: 'l' }, ['openai', 'l']],
  ['all', { BEDROCK_MODEL_ID: 'b', ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' }, {}, ['bedrock', 'b']],
  [
    'all, and another wish',
    { BEDROCK_MODEL_ID: 'b', ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' },
    { provider: 'openai', model: 'x' },
    ['openai', 'x'],
  ],
] as Array<[string, Record<string, string>, { provider?: Provider; model?: string }, [string, string] | null]>) {
  models(`with ${what} configured the model is ${expected ?? 'none'}`, () => {
    const choice = chooseModel(env, asked)
    assert.equal(choice && [choice.provider, choice.model], expected)
  })
}

for (const [what, env, provider, expected] of [
  ['Bedrock without a model', {}, 'bedrock', /BEDROCK_MODEL_ID is missing, and --model was not given/],
  ['Anthropic without anything', {}, 'anthropic', /ANTHROPIC_API_KEY is missing[\s\S]*ANTHROPIC_MODEL is missing/],
  ['OpenAI without anything', {}, 'openai', /OPENAI_BASE_URL is missing[\s\S]*OPENAI_MODEL is missing/],
  ['a URL with a password', { OPENAI_BASE_URL: 'http://me:sk-secret@x/v1', OPENAI_MODEL: 'm' }, 'openai', /OPENAI_BASE_URL must be/],
] as Array<[string, Record<string, string>, Provider, RegExp]>) {
  models(`${what} is a problem of the settings`, () => {
    try {
      chooseModel(env, { provider })
      assert.unreachable()
    } catch (error) {
      assert.instance(error, ConfigError)
      assert.match((error as Error).message, expected)
      assert.not.match((error as Error).message, SECRETS)
    }
  })
}

models.run()
