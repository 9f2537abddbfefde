/** A row of the list of attacks: it stands for a family of them, and is tested by cases of its own or by another suite. */

export interface Row {
  id: string
  /** What the attacker does. */
  attack: string
  family: string
  /** Where it is tested when no case below tests/attacks/ carries its number: a file, and a part of the name of a test. */
  elsewhere?: { file: string; test: string }
  /** Why there is nothing to test. */
  notApplicable?: string
}

type Told = string | readonly [attack: string, file: string, test: string] | { attack: string; notApplicable: string }

/** Rows by their numbers: what the attacker does, and where it is tested when that is elsewhere. */
export const family = (name: string, rows: Readonly<Record<number, Told>>): Row[] =>
  Object.entries(rows).map(([id, told]) => {
    if (typeof told === 'string') return { id, attack: told, family: name }
    if ('attack' in told) return { id, family: name, ...told }
    const [attack, file, test] = told
    return { id, attack, family: name, elsewhere: { file, test } }
  })
