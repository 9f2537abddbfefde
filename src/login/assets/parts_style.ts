/** The parts that pages are put together from. */
export const PARTS_STYLE = `
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: clamp(1.125rem, 4vw, 1.75rem); min-width: 0; }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
.stack-wide { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
.narrow .card { display: grid; gap: 1.125rem; padding: clamp(1.375rem, 6vw, 2.25rem); }
.lead { font-size: 1.0625rem; }

.button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--accent); border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); font: 600 1rem/1.4 var(--sans); text-align: center; text-decoration: none; cursor: pointer; }
.button:hover { background: var(--accent-hover); border-color: var(--accent-hover); color: var(--on-accent); }
.button.quiet { background: transparent; border-color: var(--control); color: var(--text); }
.button.quiet:hover { background: var(--inset); border-color: var(--text); }
.button.low { min-height: 2.25rem; padding: .25rem .875rem; font-size: .875rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin-top: .375rem; }
.actions form { display: contents; }

.note { padding: .75rem 1rem; border-radius: .5rem; background: var(--tint); }
.caution { padding: .875rem 1rem; border-radius: .5rem; border: 1px solid var(--caution-line); border-left-width: .3125rem; background: var(--caution); }
.code { padding: .875rem 1rem; border-radius: .5rem; background: var(--inset); font: 600 clamp(1.5rem, 8vw, 2.125rem)/1.2 var(--mono); letter-spacing: .06em; text-align: center; }

.facts { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .75rem 1.25rem; }
.facts dt { color: var(--muted); }
.names { list-style: none; display: flex; flex-wrap: wrap; gap: .375rem; }
.names > li { max-width: 100%; }
.chip { display: inline-block; max-width: 100%; padding: .0625rem .5rem; border-radius: .3125rem; background: var(--inset); line-height: 1.6; }
.chip.all { background: var(--tint); color: var(--accent); font-weight: 600; font-size: .875rem; }
.flag { display: inline-block; margin-left: .25rem; padding: 0 .375rem; border: 1px solid var(--caution-line); border-radius: .3125rem; font: .75rem/1.5 var(--sans); color: var(--text); background: var(--caution); white-space: nowrap; }
.invisible { margin-inline: 1px; padding: 0 .1875rem; border-radius: .1875rem; font: .6875em/1.4 var(--mono); color: var(--on-caution); background: var(--caution-line); white-space: nowrap; }

.jump { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.address { display: flex; align-items: center; gap: .5rem .75rem; }
.address code { padding: .375rem .625rem; border-radius: .375rem; background: var(--inset); min-width: 0; }
.copy { flex: none; min-width: 5rem; min-height: 2rem; padding: .1875rem .625rem; border: 1px solid var(--control); border-radius: .375rem; background: var(--card); color: var(--text); font: .8125rem/1.4 var(--sans); cursor: pointer; visibility: hidden; }
.scripted .copy { visibility: visible; }
.copy:hover { border-color: var(--accent); color: var(--accent); }
.snippet { display: grid; grid-template-columns: minmax(0, 1fr) auto; border-radius: .5rem; background: var(--inset); }
.snippet pre { padding: .875rem 1rem; white-space: pre-wrap; font-size: .8125rem; line-height: 1.6; border-radius: .5rem; }
.snippet pre code { font-size: 1em; }
.snippet .copy { order: 1; align-self: start; margin: .625rem .625rem 0 0; }

table { width: 100%; border-collapse: collapse; }
th, td { padding: .75rem 1rem .75rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { padding-block: 0 .5rem; border: 0; color: var(--muted); font-weight: 400; font-size: .8125rem; }
tbody th { width: 8rem; font-weight: 600; }
td:last-child { width: 36%; padding-right: 0; }
.why { list-style: none; display: grid; gap: .375rem; font-size: .875rem; }
.why code { font-size: .9375em; }

details > summary { cursor: pointer; width: fit-content; max-width: 100%; padding: .125rem 0; color: var(--accent); font-weight: 600; }
details > summary:hover { color: var(--accent-hover); }
details[open] > summary { margin-bottom: .75rem; }
.clients { display: grid; grid-template-columns: minmax(0, 1fr); }
.clients > details { border-top: 1px solid var(--line); padding-block: .625rem; }
.clients > details:last-child { border-bottom: 1px solid var(--line); }
.clients > details > summary { width: auto; color: var(--text); }

@media (max-width: 40rem) {
  .facts { grid-template-columns: minmax(0, 1fr); gap: .125rem; }
  .facts dd + dt { margin-top: .75rem; }
  .actions > *, .actions .button { flex: 1 1 auto; }
  .snippet { grid-template-columns: minmax(0, 1fr); }
  .snippet .copy { order: 0; justify-self: end; }
  thead { position: absolute; clip-path: inset(50%); }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: minmax(0, 1fr); gap: .375rem; padding-block: .875rem; border-top: 1px solid var(--line); }
  th, td, tbody th, td:last-child { display: block; width: auto; padding: 0; border: 0; }
}
`
