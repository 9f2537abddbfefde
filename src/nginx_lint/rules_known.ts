/** Traps around what nginx knows of callers without asking again, where its workers share a dictionary: nginx/gatehouse-dict/. */
import { type Directive, walk } from './config.ts'
import { find, is, isAskedAgain, isProtected, isQuestion, type Location } from './location.ts'
import { problems, type Rules } from './rule.ts'

/** What remember.js writes, a line each. */
const LINES = ['username', 'client_id', 'scopes', 'groups', 'auth_method', 'server_name', 'cors']
const TEXT = [
  '^(?<gatehouse_user>[^\\n]+)\\n',
  ...LINES.map((name) => `(?<gatehouse_${name}>[^\\n]*)\\n`),
  '(?<gatehouse_allow>(?s).*)$',
].join('')

/** The one condition under which the question is answered without the validator. */
const isRecall = ({ name, args, block }: Directive): boolean =>
  name === 'if' &&
  args.join(' ') === `($gatehouse_known ~ ${TEXT} )` &&
  (block ?? []).every((line) => is(line, 'js_header_filter', '') || is(line, 'return', '204'))

const ANSWERS = ['return', 'rewrite', 'try_files', 'error_page', 'js_content', 'empty_gif']
const hasRecall = (location: Location): boolean => isQuestion(location) && location.own.some(isRecall)

/** A regular expression that says who somebody is. */
const CAPTURE = /\(\?P?[<']gatehouse_/

export const KNOWN_RULES: Rules = {
  'the question is answered by the validator, or by what is remembered of its answer': (locations) =>
    locations.filter(isQuestion).flatMap(({ directive, own }) =>
      own
        .filter((line) => !isRecall(line) && !isAskedAgain(line, directive))
        .flatMap((line) => [...walk([line])].map(([inner]) => inner))
        .filter(({ name }) => ANSWERS.includes(name)),
    ),
  'what is remembered answers one question': (locations) => {
    if (!locations.some(hasRecall)) return []
    return [
      ...problems(locations.filter(isProtected), ({ own }) => find(own, 'auth_request_set', '$gatehouse_known', '') === undefined),
      ...problems(
        locations.filter(hasRecall),
        ({ own }) => !(find(own, 'js_header_filter', 'remember.answered') && find(own, 'proxy_cache', 'off')),
      ),
    ]
  },
  'what is remembered of a caller comes from the validator': (locations, all) => {
    const recalls = locations.filter(hasRecall).flatMap(({ own }) => own.filter(isRecall))
    return all.map(([line, around]) => {
      const { name, args } = line
      const keeps = name === 'js_shared_dict_zone' && args.some((arg) => arg.startsWith('zone=gatehouse:'))
      // Beyond nginx's end; and njs before 0.8.5 knows the time of the zone only.
      if (keeps) return args.some((arg) => arg.startsWith('state=')) || !args.includes('timeout=1s') ? line : undefined
      // What is read of a message is no identity, and its map is held to its text by another rule.
      const isGlance = around.at(-1)?.args.at(-1) === '$gatehouse_glance'
      if ([name, ...args].some((word) => CAPTURE.test(word))) return recalls.includes(line) || isGlance ? undefined : line
      const writes = ['set', 'js_set', 'map', 'geo', 'split_clients', 'auth_request_set'].includes(name)
      return writes && args.includes('$gatehouse_known') && !is(line, 'auth_request_set', '$gatehouse_known', '') ? line : undefined
    })
  },
}
