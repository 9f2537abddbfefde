/** Reads Prometheus' text format, as far as prom-client writes it. */

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return []
    const [, name, list = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`no sample: ${line}`)
    const labels = Object.fromEntries([...list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]))
    return [{ name, labels: labels as Record<string, string>, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) }]
  })
}

/** The value of the one sample with these labels; undefined when there is none. */
export function valueIn(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = samplesOf(text).filter(
    (sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  if (found.length > 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`)
  return found[0]?.value
}
