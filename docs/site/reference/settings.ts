/** The settings, from the templates of the settings files, which a test compares with what the code reads. */
import { code, page, plain, read } from './page.ts'

interface Setting {
  name: string
  required: boolean
  what: string
  format: string
  fallback: string
  example: string
}

const FILES = [
  { file: '.env', of: 'the gateway', read: '`gatehouse serve`; `gatehouse doctor`, `explain` and `sessions` read it too' },
  { file: '.env.agent', of: 'an agent', read: '`gatehouse token`, `tools`, `call`, `agent`' },
  { file: '.env.user', of: 'a person at a terminal', read: '`gatehouse login`, `whoami`, `logout`' },
]

/** A comment's lines: what the setting is, and `Format: …  Default: …  Example: …`. */
function settingOf(comment: string, required: boolean, name: string): Setting {
  const lines = comment
    .trim()
    .split('\n')
    .map((line) => line.replace(/^# ?/, ''))
  const first = lines.findIndex((line) => line.startsWith('Format: '))
  const last = lines.findIndex((line) => /Example: |Default and example: /.test(line))
  const facts = lines.slice(first, last + 1).join(' ')
  const format = /^Format: (.*?)\.? +Default/.exec(facts)?.[1]
  const example = /(?:Default and example|Example): (.*)$/.exec(facts)?.[1]
  const fallback = /Default and example: (.*)$/.exec(facts)?.[1] ?? /Default: (.*?)\.? +Example: /.exec(facts)?.[1]
  if (format === undefined || example === undefined || fallback === undefined)
    throw new Error(`${name}: format, default or example is missing`)
  return { name, required, what: [...lines.slice(0, first), ...lines.slice(last + 1)].join(' '), format, fallback, example }
}

function described({ name, required, what, format, fallback, example }: Setting): string {
  const facts = [
    `- Format: ${plain(format)}`,
    `- Default: ${required ? 'none, it is required' : plain(fallback)}`,
    `- Example: ${code(example)}`,
  ]
  return [`### ${code(name)}`, ...(what === '' ? [] : [plain(what)]), facts.join('\n')].join('\n\n')
}

/** A template as blocks of Markdown: a heading for each part of it, below that its settings. */
function blocksOf(file: string, of: string, reader: string): string[] {
  const [, ...blocks] = read(`${file}.template`).trim().split('\n\n')
  const heading = (part: string): string => `## ${code(file)}: ${part}`
  const inside = blocks.flatMap((block) => {
    const part = /^# -{4} (.*?)\.? ?-{4,}$/.exec(block)?.[1]
    if (part !== undefined) return [heading(part)]
    const settings = [...block.matchAll(/((?:^# .*\n)+)^(#?)([A-Z][A-Z0-9_]+)=.*$/gm)]
    if (settings.length === 0) return [plain(block.replaceAll(/^# ?/gm, '').replaceAll('\n', ' '))]
    return settings.map(([, comment = '', off, name = '']) => described(settingOf(comment, off === '', name)))
  })
  const intro = `Settings of ${of}, read by ${reader}. The template is [${file}.template](../../${file}.template).`
  return inside[0]?.startsWith('## ') ? [inside[0], intro, ...inside.slice(1)] : [heading(of), intro, ...inside]
}

export const settings = (): string =>
  page(
    'Settings',
    'the templates of the settings files',
    'Environment variables, or lines of a file named by `--env-file`. Values stand as they are: no quotes, no comment behind a value. What is missing or cannot be right is told all at once when the program starts.',
    'The registry has a few of its own ([mcpgw](../registry.md)), and so have containers ([Docker](../../docker/README.md)).',
    ...FILES.flatMap(({ file, of, read: reader }) => blocksOf(file, of, reader)),
  )
