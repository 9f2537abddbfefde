/** Ended sessions and used one-time ids in a Valkey or Redis server (7.0 or later), for all validators that share it. */
import { createHash } from 'node:crypto'
import { type EndedSessions, StoreUnavailable } from './ended.ts'
import { connectValkey, type ValkeyOptions } from './valkey.ts'

/** All keys begin with it, so that a permission of the server can be limited to `~gatehouse:*`. */
const KEY_PREFIX = 'gatehouse:'

const idKey = (id: string): string => `${KEY_PREFIX}ended:${id}`
/** User names are personal data, and a store is easily listed. */
const userKey = (username: string): string => `${KEY_PREFIX}user:${createHash('sha256').update(username).digest('base64url')}`

/** Seconds that every note is kept longer: the server's clock may be ahead of ours. */
const CLOCKS_DIFFER = 60
const expiry = (until: number): string => String(Math.ceil(until) + CLOCKS_DIFFER)

/** One step, so that of two validators the later `at` wins. A value that is no time stays: it ends every session. */
const NOTE_USER = `
local held = redis.call('GET', KEYS[1])
if not held then return redis.call('SET', KEYS[1], ARGV[1], 'EXAT', ARGV[2]) end
local at = tonumber(held)
if at and at < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL') end
return redis.call('EXPIREAT', KEYS[1], ARGV[2], 'GT')
`

/** The same at the time of the server, whose clock is that of the validators; an operator's may be off. */
const NOTE_USER_NOW = `
local time = redis.call('TIME')
ARGV[1] = time[1] .. '.' .. string.format('%06d', time[2])
ARGV[2] = tostring(time[1] + ARGV[2])
${NOTE_USER}`

export interface ValkeyStore extends EndedSessions {
  /** Ends every session that a user has had until now, and keeps that for so many seconds. */
  noteUserNow(username: string, seconds: number): Promise<void>
}

/**
 * The store is made at once, whether or not the server can be reached. A call is answered or refused within 250 ms.
 * @throws TypeError when the URL cannot be used
 */
export function createValkeyStore(url: string, { onState }: Pick<ValkeyOptions, 'onState'>): ValkeyStore {
  const valkey = connectValkey(url, { probe: ['EXPIREAT', idKey(''), '1'], onState })
  return {
    note: async (id, until) => {
      const [reply] = await valkey.send(['SET', idKey(id), '1', 'NX', 'EXAT', expiry(until)])
      if (reply !== 'OK' && reply !== null) throw new StoreUnavailable('the store gave an unknown answer')
      return reply === 'OK'
    },
    noteUser: async (username, at, until) => {
      await valkey.send(['EVAL', NOTE_USER, '1', userKey(username), String(at), expiry(until)])
    },
    noteUserNow: async (username, seconds) => {
      await valkey.send(['EVAL', NOTE_USER_NOW, '1', userKey(username), '', String(seconds + CLOCKS_DIFFER)])
    },
    has: async ({ id, username, issuedAt }) => {
      // Not MGET, which servers in cluster mode refuse for keys of different slots.
      const [ended, user] = await valkey.send(['GET', idKey(id)], ['GET', userKey(username)])
      return ended !== null || (user !== null && !sealedAfter(user, issuedAt))
    },
    close: async () => valkey.close(),
  }
}

/** False for whatever is no time: a value that was spoiled ends the sessions rather than sparing them. */
const sealedAfter = (at: unknown, issuedAt: number): boolean =>
  typeof at === 'string' && /^[0-9]+(?:\.[0-9]+)?$/.test(at) && issuedAt > Number(at)
