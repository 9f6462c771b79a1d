/** The queue of review, and the page of an event. */
export const reviewStyle = `
.queue .q-select { width: 2.75rem; }
@media (min-width: 60.01rem) { .queue .q-order, .queue .q-waits { width: 10rem; } .queue .q-number { width: 11rem; } .queue .q-owner { width: 13rem; } }
.queue td { vertical-align: middle; }
.queue td.select { position: relative; z-index: 1; padding-right: 0; }
.queue td.select input { display: block; width: 1.25rem; height: 1.25rem; min-height: 0; margin: 0; accent-color: var(--accent); }
.queue td.state .sub { display: block; white-space: normal; font-size: .8125rem; color: var(--soft); }
.queue td.state .sub a { position: relative; z-index: 1; white-space: nowrap; }
.queue td.owner button { position: relative; z-index: 1; margin-left: .5rem; }
.queue td.owner button:first-child { margin-left: 0; }
.queue td.age { white-space: nowrap; font-variant-numeric: tabular-nums; }
.queue .overdue { margin-left: .6em; font-size: .75rem; color: var(--warn); border: 1px solid currentColor; border-radius: 4px; padding: .05em .5em; }
.queue .overdue::before { content: "▲ "; font-size: .7em; }
.queue tr:has(:checked), .queue tr:focus-within { background: var(--wash); }
.keys-hint { margin: 0; }
kbd { font: .8125rem/1 var(--mono); border: 1px solid var(--rule); border-radius: 4px; padding: .15em .45em; background: var(--sheet); }
dialog { border: 1px solid var(--rule); border-radius: 10px; background: var(--sheet); color: var(--ink); padding: 1.25rem 1.5rem; max-width: 22rem; }
dialog::backdrop { background: rgb(0 0 0 / .35); }
dialog p { margin: .5rem 0; }
.payload-text { white-space: pre-wrap; font: .8125rem/1.5 var(--mono); max-height: 36rem; overflow: auto; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; padding: .9rem 1.1rem; }
.tree + details, details + details:has(.payload-text) { margin-top: .75rem; }
details > .payload-text { margin-top: .5rem; }
.decide .choice { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; }
.decide .choice legend { float: left; width: 100%; margin: 0; }
.decide .choice .option { margin: 0; }
.event-calls li { display: grid; grid-template-columns: 12rem minmax(0, 1fr) auto; gap: .1rem 1rem; align-items: baseline; }
.event-calls .when { color: var(--soft); font-size: .875rem; white-space: nowrap; }
.changed-fields > div { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: .1rem 1rem; padding: .5rem 0; border-top: 1px solid var(--rule); font-size: .9375rem; }
.changed-fields .arrow { color: var(--soft); padding: 0 .5em; }
@media (max-width: 44rem) {
  .keys-hint { display: none; }
  .queue.decides tr { grid-template-columns: 1.75rem minmax(0, 1fr) auto; }
  .queue.decides .select { grid-row: 1 / span 2; align-self: start; }
  .queue .state { text-align: right; }
  .queue .state:has(.sub) { grid-column: 2 / -1; justify-self: start; text-align: left; }
  .queue.decides tr:has(.state .sub) .select { grid-row: 1 / span 3; }
  .queue.decides tr:has(.state .sub) .age { grid-column: 2; }
  .queue .number { justify-self: end; }
  .queue .age::before { content: "waits "; }
  .queue .owner:not(:has(button))::before { content: "owner: "; }
  .queue.decides .owner { grid-column: 2 / -1; }
  .event-calls li, .changed-fields > div { grid-template-columns: minmax(0, 1fr); }
}
`;
