import { type Config, readConfig } from '../src/config.ts'
import { ConfigError, type Environment } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const tests = suite('the configuration of tracing')
const GOOD: Environment = {
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  ALLOWED_CLIENT_IDS: '1client',
  SECRET_KEY: '5f1d7a0c93be4826d1f0a7c4e8b29360',
  REGISTRY_URL: 'https://mcp.example.com',
}
const read = (changes: Environment): Config['tracing'] => readConfig({ ...GOOD, ...changes }).tracing
const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

const READ: [string, Environment, string | null][] = [
  ['no collector', { OTEL_SERVICE_NAME: 'gate', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, null],
  ['an empty variable', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, null],
  ['a collector of all signals', COLLECTOR, 'http/protobuf'],
  ['a collector of traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example.com/v1/traces' }, 'http/protobuf'],
  ['a protocol', { ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'http/json'],
  [
    'a protocol of traces before that of all',
    { ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'http/json',
  ],
  ['a switch', { ...COLLECTOR, OTEL_SDK_DISABLED: 'TRUE' }, null],
  ['another switch', { ...COLLECTOR, OTEL_TRACES_EXPORTER: 'none' }, null],
  ['a switch that is not used', { ...COLLECTOR, OTEL_SDK_DISABLED: 'false', OTEL_TRACES_EXPORTER: 'otlp' }, 'http/protobuf'],
]
for (const [what, env, protocol] of READ) tests(what, () => assert.is(read(env)?.protocol ?? null, protocol))

tests("the SDK gets all of OpenTelemetry's variables and no other", () => {
  const further = { OTEL_SERVICE_NAME: 'gate', OTEL_BSP_SCHEDULE_DELAY: '50' }
  assert.equal(read({ ...COLLECTOR, ...further, HOTEL: '1' })?.variables, { ...COLLECTOR, ...further })
})

const REFUSED: [string, Environment, string][] = [
  ['grpc', { ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf, http/json'],
  ['grpc of traces', { ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL must be one of'],
  ['no scheme', { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:hidden@collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL'],
  ['no URL', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://' }, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be an http or https URL'],
  ['another exporter', { ...COLLECTOR, OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER must be otlp or none'],
]
for (const [what, env, problem] of REFUSED) {
  tests(`${what} stops the start`, () => {
    try {
      read(env)
      assert.unreachable()
    } catch (error) {
      assert.instance(error, ConfigError)
      const { problems } = error as ConfigError
      assert.is(problems.length, 1)
      assert.ok(problems[0]?.startsWith(problem), problems[0])
      assert.not.match(problems[0] as string, 'hidden')
    }
  })
}

tests.run()
