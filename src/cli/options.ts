/** Options that several commands have. */
import { Option } from 'commander'

const collect = (value: string, previous: string[]): string[] => [...previous, value]

export const envFileOption = (): Option =>
  new Option('--env-file <file>', 'read settings from a file; the environment goes before it (repeatable)')
    .argParser(collect)
    .default([], 'none')

export const cookieFileOption = (): Option =>
  new Option('--cookie-file <file>', 'where the session is kept, with FILE.jar for curl beside it; default: ~/.mcp/session_cookie')
