import { timeIn } from '../../src/demo/servers/clock.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const clock = suite('the time in a zone')
const WINTER = new Date('2026-11-23T05:05:09Z')
const SUMMER = new Date('2026-07-01T23:59:59Z')

const TABLE: [string, Date, string, string][] = [
  ['Asia/Tokyo', WINTER, '2026-11-23 14:05:09 JST+0900', '2026-11-23T14:05:09+09:00'],
  ['America/New_York', WINTER, '2026-11-23 00:05:09 EST-0500', '2026-11-23T00:05:09-05:00'],
  ['America/New_York', SUMMER, '2026-07-01 19:59:59 EDT-0400', '2026-07-01T19:59:59-04:00'],
  ['Europe/Paris', SUMMER, '2026-07-02 01:59:59 CEST+0200', '2026-07-02T01:59:59+02:00'],
  ['Europe/London', WINTER, '2026-11-23 05:05:09 GMT+0000', '2026-11-23T05:05:09+00:00'],
  ['UTC', WINTER, '2026-11-23 05:05:09 UTC+0000', '2026-11-23T05:05:09+00:00'],
  ['Asia/Kolkata', WINTER, '2026-11-23 10:35:09 IST+0530', '2026-11-23T10:35:09+05:30'],
  ['Asia/Kathmandu', WINTER, '2026-11-23 10:50:09 +0545', '2026-11-23T10:50:09+05:45'],
]
for (const [zone, instant, local, iso] of TABLE) {
  clock(`${zone} at ${instant.toISOString()}`, () => {
    assert.equal(timeIn(zone, instant), { local, iso })
  })
}

clock('the ISO form names the same instant in every zone that Intl knows', () => {
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    assert.is(Date.parse(timeIn(zone, WINTER)?.iso ?? ''), WINTER.getTime(), zone)
  }
})

for (const zone of ['', 'Mars/Olympus', '+09:00', 'Asia/Tokyo\n', '../etc/passwd']) {
  clock(`${JSON.stringify(zone)} is no zone`, () => {
    assert.is(timeIn(zone, WINTER), undefined)
  })
}

clock.run()
