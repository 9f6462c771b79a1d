/** Lines, hooks, health and people: tables of rows, meters, the week, charts. */
export const operationsStyle = `
.title-row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
.title-row .acts { margin: 0; }
.title-row h1, .title-row h2 { margin: 0; }
.lead { color: var(--soft); max-width: 44rem; margin-top: .35rem; }
h2 + .lead { margin-top: -.35rem; }
.headline + .live, .acts + .live, .filter + .live, .note + .live { margin-top: .75rem; }
.lead + .live { margin-top: .35rem; }
.part { margin-top: 2.25rem; }
.part > .title-row { margin-bottom: .75rem; }
.why { margin-top: .6rem; padding: .6rem .9rem; border-left: 3px solid var(--rule); background: var(--wash); border-radius: 0 8px 8px 0; max-width: 46rem; }

.rows-table { width: 100%; margin-top: .75rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; border-spacing: 0; border-collapse: separate; overflow: hidden; }
.rows-table th, .rows-table td { text-align: left; padding: .65rem 1rem; vertical-align: baseline; font-size: .9375rem; }
.rows-table thead th { font-size: .75rem; font-weight: 600; color: var(--soft); padding: .6rem 1rem; background: var(--wash); white-space: nowrap; }
.rows-table tbody th { font-weight: 600; }
.rows-table .status { white-space: nowrap; flex-wrap: nowrap; }
.rows-table tbody th, .rows-table td { border-top: 1px solid var(--rule); }
.rows-table tr.leads { position: relative; }
.rows-table tr.leads:hover { background: var(--wash); }
.rows-table .row-link { color: inherit; text-decoration: none; }
.rows-table .row-link::after { content: ""; position: absolute; inset: 0; }
.rows-table .row-link:hover { text-decoration: underline; }
.rows-table .above-row { position: relative; z-index: 1; }
.rows-table .sub { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft); }
.rows-table time { font-variant-numeric: tabular-nums; }
.rows-table .acts { margin: 0; gap: .35rem; }
.rows-table .sub time { white-space: nowrap; }
.rows-table td:nth-child(2):last-child { width: 30%; }

.meter { display: block; min-width: 6.5rem; max-width: 11rem; }
.meter-text { font-variant-numeric: tabular-nums; font-size: .9375rem; }
.meter .of { color: var(--soft); font-size: .8125rem; }
.meter-full { color: var(--warn); font-weight: 600; font-size: .8125rem; }
.meter svg { display: block; width: 100%; height: 4px; margin-top: .25rem; border-radius: 2px; }
.track { fill: var(--rule); } .fill { fill: var(--accent); } .full .fill { fill: var(--warn); }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; margin-top: 1rem; padding: .35rem 0; }
.figures > div { padding: .65rem 1.1rem; }
.figures dt { font-size: .8125rem; }
.figures dd { font-size: 1.0625rem; margin-top: .2rem; font-variant-numeric: tabular-nums; }
.figures .meter { max-width: none; }
.figures .meter-text { font-size: 1.0625rem; }
.figures .figure { font-size: 1.0625rem; }

.week { width: 100%; border-spacing: 0; margin-top: .75rem; }
.week th, .week td { text-align: left; padding: .3rem .75rem .3rem 0; font-size: .875rem; vertical-align: middle; white-space: nowrap; }
.week thead th { font-size: .75rem; color: var(--soft); font-weight: 600; }
.week tbody th { font-weight: 500; }
.week .today { color: var(--accent); font-size: .75rem; font-weight: 600; }
.week th:last-child, .week td:last-child { width: 55%; padding-right: 0; }
.week .axis { display: flex; justify-content: space-between; font-weight: 400; font-variant-numeric: tabular-nums; }
.week svg { display: block; width: 100%; height: 1.1rem; border-radius: 4px; }
.week .fill { opacity: .8; } .week .track { fill: var(--wash); } .week .tick { fill: var(--paper); } .week .now { fill: var(--warn); }
.week .shut td { color: var(--soft); }
.inline-form { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; margin-top: 1rem; }
.inline-form label { margin: 0; font-weight: 400; }
.inline-form input, .inline-form select { width: auto; min-width: 0; max-width: 100%; min-height: 2.25rem; padding: .25rem .7rem; font-size: .9375rem; }

.notice-list { margin-top: 1rem; }
.notice-list li { border-left: 3px solid var(--rule); padding: .35rem .9rem; margin-top: .6rem; max-width: 52rem; }
.notice-list .critical, .notice-list .error { border-left-color: var(--final); } .notice-list .warning { border-left-color: var(--warn); }
.checks { margin-top: 1.25rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; }
.checks > div { display: grid; grid-template-columns: 7rem 9rem minmax(0, 1fr); gap: .1rem 1rem; padding: .65rem 1.1rem; font-size: .9375rem; align-items: baseline; }
.checks > div + div { border-top: 1px solid var(--rule); }
.checks dt { color: var(--ink); font-weight: 600; }

.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .875rem; }
.legend strong { font-variant-numeric: tabular-nums; }
.key { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .4em; }
.charts { display: grid; gap: 1.25rem; margin-top: 1rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; padding: 1rem 1.1rem; }
.charts figcaption { font-size: .8125rem; color: var(--soft); margin-bottom: .5rem; }
.plot { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); gap: .6rem; }
.plot svg { display: block; width: 100%; height: 10rem; overflow: visible; }
figure + figure .plot svg { height: 5rem; }
.scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-size: .75rem; line-height: 1; color: var(--soft); font-variant-numeric: tabular-nums; }
.marks { display: flex; justify-content: space-between; font-size: .75rem; color: var(--soft); padding-left: 5.1rem; margin-top: .3rem; font-variant-numeric: tabular-nums; }
.plot .grid { stroke: var(--rule); stroke-width: 1; vector-effect: non-scaling-stroke; }
.plot .rings { fill: var(--rule); } .rings-key { background: var(--rule); }
.plot .completed { fill: var(--good); } .completed-key { background: var(--good); }
.plot .voicemail { fill: var(--busy); } .voicemail-key { background: var(--busy); }
.plot .missed { fill: var(--still); } .missed-key { background: var(--still); }
.plot .failed { fill: var(--final); } .failed-key { background: var(--final); }
.plot .spread { fill: var(--busy); opacity: .18; }
.plot .median { fill: none; stroke: var(--busy); stroke-width: 2; vector-effect: non-scaling-stroke; }
.numbers { margin-top: .75rem; font-size: .875rem; }
.scrolls { overflow-x: auto; }
.plain-table th, .plain-table td { white-space: nowrap; font-variant-numeric: tabular-nums; }
.rows-table.plain-table th, .rows-table.plain-table td { padding-left: .75rem; padding-right: .5rem; }

.task-progress { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; font-variant-numeric: tabular-nums; }
.task-progress progress { width: min(24rem, 100%); height: .6rem; accent-color: var(--good); }
@media (max-width: 44rem) {
  .checks > div { grid-template-columns: minmax(0, 1fr) auto; }
  .checks .says { grid-column: 1 / -1; }
  .plot { grid-template-columns: 3.25rem minmax(0, 1fr); }
  .marks { padding-left: 3.85rem; }
  .rows-table.plain-table, .rows-table.plain-table tbody { display: revert; }
  .rows-table.plain-table tr { display: table-row; }
  .rows-table.plain-table thead { display: revert; position: static; width: auto; height: auto; clip-path: none; }
  .rows-table.plain-table th, .rows-table.plain-table td { padding: .4rem .7rem; }
  .rows-table.plain-table td::before { display: none; }
  .rows-table.plain-table tbody th, .rows-table.plain-table td { border-top: 1px solid var(--rule); }
  .rows-table, .rows-table tbody { display: block; }
  .rows-table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows-table tr { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem 1rem; padding: .8rem 1rem; }
  .rows-table tbody tr + tr { border-top: 1px solid var(--rule); }
  .rows-table tbody th, .rows-table td { padding: 0; border: 0; min-width: 0; }
  .rows-table tbody th { grid-column: 1 / -1; }
  .rows-table td::before { content: attr(data-label); display: block; font-size: .75rem; color: var(--soft); }
  .rows-table td[data-label=""]::before, .rows-table td[data-label="State"]::before { display: none; }
  .rows-table tr:has(> td:nth-child(2):last-child) { grid-template-columns: minmax(0, 1fr) auto; }
  .rows-table tr:has(> td:nth-child(2):last-child) th { grid-column: auto; }
  .rows-table td:nth-child(2):last-child { width: auto; }
  .rows-table td:nth-child(2):last-child::before { display: none; }
  .rows-table td[data-label="State"] { grid-column: 1 / -1; }
  .meter { min-width: 0; }
  .week th:last-child, .week td:last-child { width: 40%; }
}
`;
