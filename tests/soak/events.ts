/** What happens in a soak besides calls: credentials end and are replaced, streams come and go, configuration and keys change. */
import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { agent, allCallers, type Caller, person } from '../faults/callers.ts'
import { openStream } from '../faults/streams.ts'
import { type Gateway, POLICY } from '../support/gateway.ts'
import { makeKey, now, type SigningKey } from '../support/issuer.ts'

export interface Happened {
  reloads: number
  policies: number
  keys: number
  tokens: number
  streams: number
  /** Streams that ended before their client left. */
  brokenStreams: string[]
  /** When one was answered 503 instead, in milliseconds since 1970. */
  undecidedAt: number[]
}

/** Repeats something every so many seconds until it is over. */
async function every(seconds: number, isOver: () => boolean, act: () => unknown): Promise<void> {
  while (!isOver()) {
    await sleep(seconds * 1000 * (0.75 + Math.random() / 2))
    if (!isOver()) await act()
  }
}

/**
 * Lets it all happen until it is over.
 * @param callers in whose place fresh ones are put
 * @param reloadsOver from when on NGINX is left alone, so that one generation of workers can be watched
 */
export async function happen(gateway: Gateway, callers: Caller[], isOver: () => boolean, reloadsOver: () => boolean): Promise<Happened> {
  const happened: Happened = { reloads: 0, policies: 0, keys: 0, tokens: 0, streams: 0, brokenStreams: [], undecidedAt: [] }
  const { issuer } = gateway
  await Promise.all([
    every(12, reloadsOver, () => {
      gateway.nginx.child.kill('SIGHUP')
      happened.reloads += 1
    }),
    every(4, isOver, () => {
      // Both mean the same, so that every answer has one right decision.
      writeFileSync(`${gateway.scopesFile}.new`, `${POLICY}# ${happened.policies}\n`)
      renameSync(`${gateway.scopesFile}.new`, gateway.scopesFile)
      happened.policies += 1
    }),
    every(3, isOver, async () => {
      callers.splice(0, callers.length, ...(await allCallers(issuer)), await ending(gateway))
      happened.tokens += callers.length
    }),
    every(25, isOver, async () => {
      await rotate(gateway)
      happened.keys += 1
    }),
    ...Array.from({ length: 6 }, () =>
      every(2, isOver, async () => {
        const opened = Date.now()
        const stream = await openStream(gateway.port, `Bearer ${await issuer.token()}`)
        await sleep(1000 + Math.random() * 8000)
        if (stream.ended() === 'status 503') happened.undecidedAt.push(opened)
        else if (stream.ended() !== null) happened.brokenStreams.push(stream.ended() as string)
        stream.close()
        happened.streams += 1
      }),
    ),
  ])
  return happened
}

/** An agent whose token ends in two seconds: good before, refused afterwards, and either in the second between. */
async function ending({ issuer }: Gateway): Promise<Caller> {
  const end = now() + 2
  const headers = { authorization: `Bearer ${await issuer.token({ exp: end })}` }
  const whole = await agent(issuer)
  const right = (): number[] => (Date.now() < (end - 1) * 1000 ? [200] : Date.now() > (end + 1) * 1000 ? [401] : [200, 401])
  const [call] = whole.asks
  const asks = [Object.defineProperty({ ...(call as (typeof whole.asks)[0]) }, 'right', { get: right, enumerable: true })]
  return { ...whole, name: 'agent whose token ends', headers, asks }
}

/** Publishes a new key beside the old one, as Cognito does, and signs with it as soon as every validator must know it. */
async function rotate({ issuer }: Gateway): Promise<void> {
  const next: SigningKey = await makeKey(`key-${Date.now()}`)
  issuer.publish([issuer.key.jwk, next.jwk])
  const old = issuer.token
  await sleep(11_000)
  issuer.key = next
  issuer.token = (claims, header, key = next) => old(claims, header, key)
}

export const soakCallers = async (gateway: Gateway): Promise<Caller[]> => [...(await allCallers(gateway.issuer)), await person()]
