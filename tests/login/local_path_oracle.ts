/** What a path that a browser is sent to must be, by the platform's URL, which reads as browsers do (WHATWG URL). */
import { localPath } from '../../src/login/local_path.ts'

export const GATEWAY = 'https://mcp.example.com'
export const show = (text: string): string => JSON.stringify(text)

/** Whether a browser that is sent there stays. */
function stays(path: string): boolean {
  if (!path.startsWith('/') || /^\/[/\\]/.test(path)) return false
  return URL.canParse(path, GATEWAY) && new URL(path, GATEWAY).origin === GATEWAY
}

/** What is wrong with the answer for this text; empty when nothing is. */
export function objection(text: string): string {
  const path = localPath(text, GATEWAY)
  if (path === null) return ''
  if (!stays(path)) return `${show(text)} gives ${show(path)}, which leaves`
  if (!/^[\x21-\x7e]+$/.test(path)) return `${show(text)} gives ${show(path)}, which is not plain`
  if (localPath(path, GATEWAY) !== path || localPath(GATEWAY + path, GATEWAY) !== path) return `${show(path)} does not give itself`
  const { href } = new URL(path, `${GATEWAY}/some/where`)
  return href === GATEWAY + path ? '' : `${show(path)} is ${href} to a browser`
}

/** As a lenient server would, byte by byte. */
const decode = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
export const formsOf = (text: string): string[] => [text, decode(text), decode(decode(text)), encodeURI(text.toWellFormed())]

const CHARACTERS = [...'//\\\\..@:?#%;&=~-_aZ09 \t\n\r\0\'"<>[]{}|^`\u00e9\u3031\u3002\u2028\u200b\ud800']
/** What a text that leads away is made of. */
export const PIECES = [...CHARACTERS, '%2f', '%5C', '%2e', '%00', '%0a', 'https:', GATEWAY, 'evil.example']
