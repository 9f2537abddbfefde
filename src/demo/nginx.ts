/** The shipped NGINX files, set up in a folder of their own: the same files, other addresses. */
import { accessSync, constants, cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../make_folder.ts'
import { StartError } from '../start_error.ts'

export interface Addresses {
  gateway: string
  validator: string
  currenttime: string
  mcpgw: string
}

/** What the files say; each must be found exactly once. */
const SHIPPED: Record<keyof Addresses | 'decisions' | 'room', { file: string; line: (address: string) => string; address: string }> = {
  gateway: { file: 'example.conf', line: (address) => `listen ${address};`, address: '127.0.0.1:8000' },
  validator: { file: 'gatehouse/validator.conf', line: (address) => `    server ${address} max_fails=0; `, address: '127.0.0.1:8888' },
  currenttime: { file: 'example.conf', line: (address) => `upstream currenttime { server ${address};`, address: '127.0.0.1:9001' },
  mcpgw: { file: 'example.conf', line: (address) => `upstream mcpgw       { server ${address};`, address: '127.0.0.1:9002' },
  room: { file: 'gatehouse/cache.conf', line: (folder) => `{ default ${folder}; }`, address: '/run/gatehouse-decisions' },
  decisions: { file: 'gatehouse/cache.conf', line: (folder) => `proxy_cache_path ${folder} `, address: '/run/gatehouse-decisions' },
}

/** The file that nginx is started with, in the folder. */
const MAIN = 'conf/example.conf'
const SHIPPED_MODULE = '/usr/lib/nginx/modules/ngx_http_js_module.so'

/**
 * Finds nginx and its njs module. `NGINX_BIN` and `NJS_MODULE` in the environment name others than the installed ones.
 * @throws {StartError} that says what to install
 */
export function findNginx(): { nginx: string; module: string } {
  const { NGINX_BIN, NJS_MODULE } = process.env
  const nginx = findProgram(NGINX_BIN || 'nginx')
  const module = NJS_MODULE || SHIPPED_MODULE
  if (nginx === undefined && NGINX_BIN) throw new StartError(`NGINX_BIN names ${NGINX_BIN}, which is no program that this user may run`)
  if (nginx === undefined) throw new StartError('nginx is not installed. On Debian: apt-get install nginx libnginx-mod-http-js')
  if (!existsSync(module)) throw new StartError(`${module} is missing. On Debian: apt-get install libnginx-mod-http-js`)
  return { nginx, module }
}

function findProgram(name: string): string | undefined {
  // Debian puts nginx where only root's PATH looks.
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  return (name.includes('/') ? [name] : folders.map((folder) => join(folder, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Where nginx remembers decisions: in files, or in a dictionary of its workers (nginx/gatehouse-dict/), for which njs must be 0.8.5 or newer. */
export type Memory = 'files' | 'dict'

/** `GATEHOUSE_NGINX=dict` in the environment. */
export const chosenMemory = (): Memory => (process.env.GATEHOUSE_NGINX === 'dict' ? 'dict' : 'files')

/** Whether NGINX limits how fast its callers may ask. */
export type Limits = 'shipped' | 'off'

/** `GATEHOUSE_LIMITS=off` in the environment. */
const chosenLimits = (): Limits => (process.env.GATEHOUSE_LIMITS === 'off' ? 'off' : 'shipped')

/** The one line that switches the limits off, as gatehouse/limits.conf says. */
const LIMITS_OFF = { file: 'gatehouse/limits.conf', from: '    default 0; ', to: '    default 1; ' }

export interface Install {
  memory?: Memory
  limits?: Limits
  /** Folder of the files in which decisions are remembered; default: beside the configuration. */
  decisions?: string
}

/** Arguments for nginx that start it in the foreground with what was installed in the folder. */
export const nginxArguments = (folder: string): string[] => [
  '-p',
  folder,
  '-e',
  join(folder, 'logs/error.log'),
  '-c',
  join(folder, MAIN),
  '-g',
  'daemon off;',
]

/**
 * Copies the configuration to `folder/conf`, with these addresses instead of the shipped ones, and makes what nginx needs beside it.
 * @returns arguments for nginx that start it in the foreground
 * @throws {StartError} that names the folder when nginx cannot be told of it
 */
export function installNginx(source: string, folder: string, addresses: Addresses, install: Install = {}): string[] {
  const { memory = chosenMemory(), limits = chosenLimits(), decisions = join(folder, 'decisions') } = install
  mustBeSayable(folder)
  const conf = join(folder, 'conf')
  rmSync(conf, { recursive: true, force: true })
  cpSync(source, conf, { recursive: true })
  for (const name of ['logs', 'tmp']) makeFolder(join(folder, name))
  const places: Partial<Record<keyof typeof SHIPPED, string>> = { ...addresses }
  if (memory === 'dict') cpSync(join(source, 'gatehouse-dict'), join(conf, 'gatehouse'), { recursive: true })
  else places.decisions = places.room = quoted(decisions)
  for (const [name, place] of Object.entries(places)) replaceAddress(conf, name as keyof typeof SHIPPED, place)
  if (limits === 'off') replaceOnce(conf, LIMITS_OFF.file, LIMITS_OFF.from, LIMITS_OFF.to)
  replaceOnce(conf, 'example.conf', `load_module ${SHIPPED_MODULE};`, `load_module ${quoted(findNginx().module)};`)
  return nginxArguments(folder)
}

/** nginx takes `$` for a variable, and what it includes for a pattern; neither can be escaped. */
function mustBeSayable(folder: string): void {
  if (/[$*?[]/.test(folder))
    throw new StartError(
      `NGINX cannot be told of a folder with one of $ * ? [ in its path: ${folder}. Name another one: GATEHOUSE_DEMO_DIR`,
    )
}

/** A path as one word of nginx's configuration. */
const quoted = (path: string): string => `"${path.replace(/["\\]/g, '\\$&')}"`

/** Arguments with which its workers stay the user that starts it: root's folders are not for others to enter. */
export const asOneself = (args: readonly string[]): string[] =>
  process.getuid?.() === 0 ? args.map((arg) => (arg === 'daemon off;' ? 'daemon off; user root;' : arg)) : [...args]

function replaceAddress(conf: string, name: keyof typeof SHIPPED, place: string): void {
  const { file, line, address } = SHIPPED[name]
  replaceOnce(conf, file, line(address), line(place))
}

function replaceOnce(conf: string, file: string, from: string, to: string): void {
  const path = join(conf, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${file} must hold "${from}" once`)
  // As a function, so that no $ of a path is taken for a pattern's.
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
}
