/** Preloaded into a program: its wall clock is as many seconds off as the file in CLOCK_FILE says. Monotonic time goes on as it is. */
import { readFileSync } from 'node:fs'

const { now } = Date
let off = 0
const look = () => {
  off = Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) * 1000
}
look()
setInterval(look, 20).unref()
Date.now = () => now() + off
globalThis.Date = new Proxy(Date, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now() + off] : args, self),
})
