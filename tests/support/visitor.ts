/** A browser without a window: keeps cookies as browsers do, follows nothing by itself, and shows every answer. */
import { type IncomingMessage, request } from 'node:http'

export interface SetCookie {
  name: string
  value: string
  /** What follows the value, as it was sent. */
  attributes: string
}

export interface Visit {
  /** Method and address. */
  asked: string
  status: number
  headers: Record<string, string[]>
  /** Null where there is none. */
  location: string | null
  cookies: SetCookie[]
  body: string
}

export interface Browser {
  /** Name and value of its cookies, by host name: ports share them (RFC 6265 section 8.5), and the oldest comes first. */
  jar: Map<string, Map<string, string>>
  /** The cookies of an address, as they are sent there. */
  cookiesFor(url: string): string
  /** Opens a page. `headers` replace what a browser sends; null leaves a header out. */
  get(url: string, headers?: Headers): Promise<Visit>
  /** Sends a form from a page of the same origin. */
  post(url: string, form: Record<string, string>, headers?: Headers): Promise<Visit>
  send(method: string, url: string, body: string, headers: Headers): Promise<Visit>
}

type Headers = Record<string, string | readonly string[] | null>

export interface BrowserOptions {
  /** Ports of the loopback that stand for origins elsewhere. */
  ports?: Record<string, number>
  onVisit?(visit: Visit): void
}

const NAVIGATION: Headers = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-language': 'en',
  'upgrade-insecure-requests': '1',
}
/** Longest cookie that browsers keep, name and value. */
const LONGEST = 4096

export function createBrowser({ ports = {}, onVisit = () => {} }: BrowserOptions = {}): Browser {
  const jar: Browser['jar'] = new Map()
  const cookiesFor = (url: string): string => {
    const { hostname, protocol } = new URL(url)
    const sent = [...(jar.get(hostname) ?? [])].filter(([name]) => protocol === 'https:' || !name.startsWith('__Host-'))
    return sent.map(([name, value]) => `${name}=${value}`).join('; ')
  }
  const send: Browser['send'] = async (method, url, body, headers) => {
    const { origin, host, port, pathname, search, protocol } = new URL(url)
    const all: Headers = { ...NAVIGATION, host, cookie: cookiesFor(url) || null, ...headers }
    const sent = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
    const answer = await ask(ports[origin] ?? Number(port), method, pathname + search, sent, body)
    keep(jar, new URL(url).hostname, protocol === 'https:', answer.cookies)
    const visit = { asked: `${method} ${url}`, ...answer }
    onVisit(visit)
    return visit
  }
  return {
    jar,
    cookiesFor,
    send,
    get: (url, headers = {}) => send('GET', url, '', headers),
    post: (url, form, headers = {}) =>
      send('POST', url, new URLSearchParams(form).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(url).origin,
        'sec-fetch-site': 'same-origin',
        ...headers,
      }),
  }
}

function ask(port: number, method: string, path: string, headers: Record<string, string>, body: string): Promise<Omit<Visit, 'asked'>> {
  return new Promise((done, fail) => {
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('error', fail)
      answer.on('end', () => done(read(answer, Buffer.concat(chunks).toString('utf8'))))
    })
    outgoing.on('error', fail)
    outgoing.setTimeout(15_000, () => outgoing.destroy(new Error(`${method} ${path} took too long`)))
    outgoing.end(body)
  })
}

function read(answer: IncomingMessage, body: string): Omit<Visit, 'asked'> {
  const headers: Record<string, string[]> = {}
  for (const [name, values] of Object.entries(answer.headersDistinct)) headers[name] = values ?? []
  const cookies = (headers['set-cookie'] ?? []).map((line) => {
    const [, name = '', value = '', attributes = ''] = /^([^=]*)=([^;]*)(?:; (.*))?$/s.exec(line) ?? []
    return { name, value, attributes }
  })
  return { status: answer.statusCode ?? 0, headers, location: headers.location?.[0] ?? null, cookies, body }
}

/** RFC 6265bis section 5.7, as far as it matters here. */
function keep(jar: Browser['jar'], host: string, secure: boolean, cookies: readonly SetCookie[]): void {
  const held = jar.get(host) ?? new Map<string, string>()
  jar.set(host, held)
  for (const { name, value, attributes } of cookies) {
    const words = attributes.split('; ')
    const planted = name.startsWith('__Host-') && !(words.includes('Secure') && words.includes('Path=/') && !/Domain=/.test(attributes))
    if (planted || (words.includes('Secure') && !secure) || name.length + value.length > LONGEST) continue
    if (words.includes('Max-Age=0')) held.delete(name)
    else held.set(name, value)
  }
}
