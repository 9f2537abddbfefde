/** Whether decisions are told to a collector of OpenTelemetry, by the variables that its specification names. */
import type { Environment, SettingsReader } from './settings.ts'

export interface TracingSettings {
  protocol: 'http/protobuf' | 'http/json'
  /** Every variable of OpenTelemetry's, for its SDK, which looks for them in the environment alone. */
  variables: Readonly<Record<string, string>>
}

const PROTOCOLS = ['http/protobuf', 'http/json'] as const

/** Null where there is no collector, or it is switched off. */
export function readTracing(reader: SettingsReader, env: Environment): TracingSettings | null {
  const off = reader.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || reader.text('OTEL_TRACES_EXPORTER') === 'none'
  // The nearer variable goes before the one of all signals, to which the SDK puts /v1/traces.
  const near = reader.text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  const endpoint = near ?? reader.text('OTEL_EXPORTER_OTLP_ENDPOINT')
  if (endpoint === undefined || off) return null
  const example = 'http://127.0.0.1:4318'
  if (!URL.canParse(endpoint) || !/^https?:\/\/[^/]/.test(endpoint))
    reader.wrong(
      near === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'must be an http or https URL',
      example,
    )
  const exporter = reader.text('OTEL_TRACES_EXPORTER') ?? 'otlp'
  if (exporter !== 'otlp') reader.wrong('OTEL_TRACES_EXPORTER', `must be otlp or none; "${exporter}" is not there`, 'otlp')
  const variables = variablesOf(env)
  // The SDK takes them as they are.
  for (const name of Object.keys(variables)) reader.text(name)
  return { protocol: readProtocol(reader), variables }
}

function readProtocol(reader: SettingsReader): TracingSettings['protocol'] {
  const near = reader.text('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL')
  const asked = near ?? reader.text('OTEL_EXPORTER_OTLP_PROTOCOL') ?? PROTOCOLS[0]
  const protocol = PROTOCOLS.find((one) => one === asked)
  if (protocol === undefined) {
    const name = near === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
    reader.wrong(name, `must be one of ${PROTOCOLS.join(', ')}; collectors listen for both on port 4318`, PROTOCOLS[0])
  }
  return protocol ?? PROTOCOLS[0]
}

function variablesOf(env: Environment): Record<string, string> {
  const own = Object.entries(env).filter(([name, value]) => name.startsWith('OTEL_') && value !== undefined)
  return Object.fromEntries(own as [string, string][])
}
