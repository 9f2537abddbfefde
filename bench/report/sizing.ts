/** What the figures mean for how many machines are needed. Every number here follows from measured ones. */
import { find, type Run } from '../figure.ts'
import { ratio } from '../statistics.ts'
import { DASH, short, whole } from './numbers.ts'

interface Line {
  question: string
  answer: string
  from: string
}

const costOf = (run: Run, name: string, whose: string): number | null => find(run, name)?.cpu[whose] ?? null
const perCore = (microseconds: number | null): number | null => ratio(1e6, microseconds)

const said = (value: number | null, what: string): string => (value === null ? 'not measured' : `${short(value)} ${what}`)

/** Seconds that a decision is remembered at least, with the default of DECISION_CACHE_SECONDS: NGINX counts whole seconds. */
const REMEMBERED = 4

export function sizing(run: Run): Line[] {
  const gateCall = costOf(run, 'hot', 'nginx')
  const asked = costOf(run, 'uncached', 'validator')
  const newToken = costOf(run, 'cold', 'validator')
  const newSession = costOf(run, 'cookie-cold', 'validator')
  const newTokens = perCore(newToken)
  const stream = find(run, 'streams-5000') ?? find(run, 'streams-1000') ?? find(run, 'streams-100')
  const million = find(run, 'tokens-100000') ?? find(run, 'tokens-10000')
  return [
    {
      question: 'calls a second and core of NGINX, hot',
      answer: whole(perCore(gateCall)),
      from: said(gateCall, 'µs of its worker a call'),
    },
    {
      question: 'questions a second and validator (one core), caller known',
      answer: whole(perCore(asked)),
      from: said(asked, 'µs a question'),
    },
    { question: 'new tokens a second and validator', answer: whole(newTokens), from: said(newToken, 'µs a question') },
    { question: 'new sessions a second and validator', answer: whole(perCore(newSession)), from: said(newSession, 'µs a question') },
    {
      question: 'callers that one validator is enough for, each of whom uses one server all the time',
      answer: whole(newTokens === null ? null : newTokens * REMEMBERED),
      from: `one question each in ${REMEMBERED} s, and more tokens than it remembers, so that each is verified again`,
    },
    {
      question: 'cores of NGINX that one validator keeps busy if no caller came twice',
      answer: short(ratio(costOf(run, 'cold', 'nginx'), newToken)),
      from: 'what a call with a new token costs the one and the other',
    },
    {
      question: 'memory of NGINX an open stream',
      answer: stream?.extra['memory a stream, KB'] === undefined ? DASH : `${short(stream.extra['memory a stream, KB'])} KB`,
      from: stream?.title ?? 'not measured',
    },
    {
      question: 'memory of a validator that remembers many callers',
      answer: million?.extra['validator resident, MB'] === undefined ? DASH : `${short(million.extra['validator resident, MB'])} MB`,
      from: million?.title ?? 'not measured',
    },
  ]
}
