/** The text of `.env`: the shipped template, filled in. */
import { parseEnv } from 'node:util'

/**
 * @param template with a line `NAME=` or `#NAME=` for each of the values
 * @param values null leaves the template's line as it is
 */
export function envText(template: string, values: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null)
  let text = template.replace(
    /^# Settings of the validator\. Copy this file to \.env, fill in the empty ones, and read it with$/m,
    '# Settings of the validator. Read by',
  )
  text = text.replace(/^(# Settings of .*\.) Copy this file to \.env\.(?:agent|user)\b.*$/m, '$1 Try')
  for (const [name, value] of given) {
    const line = new RegExp(`^#?${name}=.*$`, 'gm')
    if (text.match(line)?.length !== 1) throw new Error(`the template must hold ${name} once`)
    text = text.replace(line, () => `${name}=${value}`)
  }
  const read = parseEnv(text)
  // What another reader would understand differently must not get into the file.
  for (const [name, value] of given) if (read[name] !== value) throw new Error(`${name} cannot be written into .env`)
  return text
}
