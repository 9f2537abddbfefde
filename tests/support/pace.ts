/** How fast this machine is, for promises in milliseconds: they are made for one like that of the benchmark's first results. */
import { createSign, generateKeyPairSync, verify } from 'node:crypto'

/** Microseconds of processor time that the check of an RS256 signature of 2048 bits takes there (`crypto-verify`). */
const THERE = 29.7
const CHECKS = 300
const ROUNDS = 5
/** No machine is excused for more than that. */
const SLOWEST = 2

/** By how much a promise is to be stretched here: 1 on a machine that is as fast as that one or faster. */
export function paceOfMachine(): number {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const data = Buffer.alloc(700, 'x')
  const signature = createSign('RSA-SHA256').update(data).sign(privateKey)
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage()
    for (let check = 0; check < CHECKS; check += 1) verify('RSA-SHA256', data, publicKey, signature)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / CHECKS
  })
  return Math.min(SLOWEST, Math.max(1, Math.min(...rounds) / THERE))
}
