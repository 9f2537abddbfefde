/** How many cases every property has in one run, by file. `total.test.ts` adds them up. */
export const RUNS = {
  body: {
    'the strict reader says what JSON.parse says, or refuses': 6000,
    'the quick reader says what the strict one says, or nothing': 20_000,
    'the quick reader reads what serializers write': 2000,
    'a member that is there twice is refused': 10_000,
    'headers that repeat a call lead back to it': 10_000,
    'headers are believed for what another decoder reads in them': 10_000,
  },
  body_njs: {
    'both readers agree with JSON.parse': 4000,
    'the quick reader reads what it reads in Node, and so does the strict one': 6000,
    'a member that is there twice is refused': 2000,
    'headers name what they name in Node': 2000,
    'lists show what they show in Node': 2500,
  },
} as const satisfies Record<string, Record<string, number>>
