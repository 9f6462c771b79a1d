/** Calls, one call, orders, search and events. */
export const deskStyle = `
.list-head { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; position: relative; }
.list-head .export { margin-left: auto; }
.filters > summary { list-style: none; display: inline-flex; align-items: center; color: var(--ink); }
.filters > summary::-webkit-details-marker { display: none; }
.filters > summary::after { content: ""; border: .3em solid transparent; border-top-color: currentColor; margin: .3em 0 0 .55em; }
.filters[open] > summary { background: var(--wash); }
.filters > :not(summary) { position: absolute; z-index: 2; top: 100%; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; box-shadow: 0 8px 24px rgb(0 0 0 / .12); }
.export > ul { right: 0; padding: .4rem 1rem; }
.export li { display: flex; flex-wrap: wrap; gap: .1rem 1rem; }
.export .name { margin-right: auto; }
.filter-form { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .9rem 1rem; left: 0; right: 0; padding: 1.1rem; }
.filter-form input, .filter-form select { min-height: 2.5rem; font-size: .9375rem; padding: .35rem .6rem; }
.filter-form .buttons { grid-column: 1 / -1; margin: 0; }
.filter-form .buttons > * { min-height: 2.5rem; }
.chips { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; }
.chip { display: inline-flex; align-items: center; gap: .35em; font-size: .875rem; color: var(--ink); background: var(--wash); border: 1px solid var(--rule); border-radius: 99px; padding: .25rem .8rem; text-decoration: none; }
.chip:hover { border-color: var(--soft); }
.chip .x { color: var(--soft); font-size: 1.1em; line-height: 1; }
.list-page .calls { margin-top: .35rem; }
@media (min-width: 60.01rem) {
  .calls.one-line { table-layout: fixed; }
  .calls.one-line td { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
  .calls.one-line th, .calls.one-line td { padding-left: .75rem; padding-right: .75rem; }
  .calls.one-line .c-order { width: 9.5rem; } .calls.one-line .c-status { width: 13.75rem; } .calls.one-line .c-number { width: 10.5rem; }
  .calls.one-line .c-line { width: 8.25rem; } .calls.one-line .c-made { width: 11.75rem; }
  .calls.one-line .status { flex-wrap: nowrap; max-width: 100%; }
  .calls.one-line .status .outcome { overflow: hidden; text-overflow: ellipsis; }
}

.columns { margin-top: .25rem; }
.facts .ids { padding: .5rem 0 .6rem; font-size: .875rem; border-top: 1px solid var(--rule); }
.facts .ids dl { margin-top: .25rem; }
.gates > summary { font-size: .9375rem; }
.gates ul { list-style: none; margin-top: .5rem; border-left: 2px solid var(--rule); padding-left: 1rem; }
.gates li + li { margin-top: .6rem; }
.evidence details summary { color: var(--ink); }
.evidence dd .evidence { margin-top: 0; }
.take-along { margin-top: 2.25rem; border-top: 1px solid var(--rule); }
.take-along h2 { margin-top: 1.25rem; }
.copyable { margin-top: .5rem; max-width: 46rem; }
.copyable summary { font-size: .9375rem; padding: .25rem 0; }
.copyable textarea { margin-top: .4rem; background: var(--wash); border-color: var(--rule); white-space: pre; overflow: auto; }
.copyable button { margin: .4rem 0 0; }

.text-diff { white-space: pre-wrap; }
.text-diff del { color: var(--warn); text-decoration-thickness: .08em; background: var(--alarm-wash); }
.text-diff ins { color: var(--good); text-decoration: none; background: var(--wash); border-bottom: .12em solid currentColor; }
.fields-diff > div { padding: .6rem 0; border-top: 1px solid var(--rule); }
.fields-diff dt { font-size: .875rem; }

.matches { list-style: none; }
.find-page .matches { margin-top: 1rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; }
.matches a { display: grid; grid-template-columns: 10rem minmax(0, 1fr) auto 11rem; gap: .1rem 1rem; align-items: baseline; padding: .7rem 1rem; text-decoration: none; color: var(--ink); font-size: .9375rem; }
.matches li + li a { border-top: 1px solid var(--rule); }
.matches a:hover, .matches a:focus-visible { background: var(--wash); outline-offset: -2px; }
.matches .kind, .matches .count, .matches .newest { color: var(--soft); font-size: .875rem; }
.matches .label { font-weight: 600; }
.matches .newest { text-align: right; font-variant-numeric: tabular-nums; }
.suggestions .matches a { grid-template-columns: minmax(0, 1fr) auto; padding: .5rem .8rem; }
.suggestions .matches .newest { display: none; }
.suggestions .matches .kind { order: 1; }
.suggestions .matches .count { order: 2; grid-column: 1 / -1; font-size: .8125rem; }
.suggestions .none, .suggestions .all { display: block; padding: .6rem .8rem; font-size: .875rem; color: var(--soft); }

.turn { margin: auto 0 .9rem auto; font-size: .875rem; }
.order-steps { list-style: none; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; }
.order-steps > .step-row { padding: .55rem .75rem; }
.order-steps > .note { margin: 0; color: inherit; font-size: .9375rem; }
.order-steps > li + li { border-top: 1px solid var(--rule); }
.step-row { display: grid; grid-template-columns: 11.5rem 5.5rem minmax(0, 1fr); gap: .1rem 1rem; align-items: baseline; font-size: .9375rem; }
.step-row .at { color: var(--soft); font-variant-numeric: tabular-nums; font-size: .875rem; white-space: nowrap; }
.step-row .kind { color: var(--soft); font-size: .8125rem; }
.step-row .what a { color: inherit; }
.step-row .by { margin-left: .5em; }
.step-row.report .what, .step-row.note .what, .step-row.person .what { font-weight: 500; }
.step-row .what:has(> details) { display: flex; flex-wrap: wrap; align-items: baseline; }
.step-row details[open] { flex-basis: 100%; }
.step-row summary { font-size: .875rem; }
#order { position: relative; }
#order > .live-state { position: absolute; top: 0; right: 0; }
.step-row details ul { padding-left: 1.1rem; margin-top: .3rem; font-size: .875rem; }
.step-row .quote { margin-top: .3rem; padding-left: .8rem; border-left: 2px solid var(--rule); white-space: pre-wrap; font-weight: 400; }
.provisional .tag { margin-left: .6em; font-size: .75rem; color: var(--busy); border: 1px dashed currentColor; border-radius: 99px; padding: .05em .6em; white-space: nowrap; }
.order-steps .gap { color: var(--soft); font-size: .8125rem; padding: .3rem 1rem; text-align: center; background: var(--wash); }
.transcript { margin-top: 1rem; max-width: 46rem; display: grid; gap: .6rem; }
.transcript > div { background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; padding: .6rem .9rem; }
.transcript > .agent { background: var(--wash); }
.transcript dt { display: flex; justify-content: space-between; gap: 1rem; font-size: .8125rem; }
.transcript dd { white-space: pre-wrap; }

@media (max-width: 60rem) { .filter-form { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 44rem) {
  .step-row { grid-template-columns: auto 1fr; }
  .step-row .kind { text-align: right; }
  .step-row .what { grid-column: 1 / -1; }
  .list-head .export { margin-left: 0; }
  .export > ul { left: 0; } .export li { font-size: .875rem; column-gap: .75rem; }
  .filter-form { grid-template-columns: minmax(0, 1fr); }
  .matches a { grid-template-columns: minmax(0, 1fr) auto; }
  .matches .kind { order: 1; text-align: right; } .matches .count { order: 2; } .matches .newest { order: 3; text-align: right; }
}
`;
