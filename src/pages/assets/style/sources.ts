/** Sources, their set-up, and the editor of rules. */
export const sourceStyle = `
.title-row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
.title-row .button { align-self: center; }
section > .title-row { margin-top: 2.25rem; }
.title-row h2 { margin: 0 0 .25rem; }
main > section:first-child > .title-row { margin-top: 0; }
.needs-script { visibility: hidden; }
.scripted .needs-script { visibility: visible; }
.copied-line { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin-bottom: .9rem; }
.lead + .copied-line { margin-top: .9rem; }
.heard { color: var(--soft); font-size: .9375rem; margin-top: .5rem; }
.plain.rows { display: block; color: inherit; }
.rows li { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
.rows .at-end { margin-left: auto; font-size: .875rem; }
.live .notices { margin-top: 1rem; margin-bottom: .5rem; }
.event-rows thead th:nth-child(1) { width: 22%; } .event-rows thead th:nth-child(2) { width: 16%; } .event-rows thead th:nth-child(4) { width: 15rem; }
.scrolled { overflow-x: auto; }
.facts-table { border-collapse: collapse; font-size: .875rem; width: 100%; overflow-wrap: break-word; }
.facts-table th { text-align: left; font-weight: 600; }
.facts-table thead th { color: var(--soft); font-size: .75rem; }
.facts-table th, .facts-table td { padding: .45rem 1rem .45rem 0; border-top: 1px solid var(--rule); vertical-align: baseline; }
.facts-table thead th { border-top: 0; white-space: nowrap; }
.filter { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin-top: 1rem; }
.filter button.quiet { min-height: 2.75rem; }
.filter + .live, .refused + .live { margin-top: .9rem; }
.filter p { flex: 1 1 8rem; min-width: 0; }
.filter input, .filter select { height: 2.75rem; }
.filter button.quiet { min-height: 2.75rem; }
.filter.one p { max-width: 24rem; }
.refusals { list-style: none; }
.refusals > li { border-top: 1px solid var(--rule); padding: .9rem 0; max-width: 46rem; }
.refusals > li:first-child { border-top: 0; }
.refusals .head { display: flex; flex-wrap: wrap; gap: .1rem 1rem; justify-content: space-between; font-size: .9375rem; }
.refusals time { color: var(--soft); font-size: .875rem; }
.refusals .button { margin-top: .4rem; }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; margin-top: 1.25rem; }
.tiles a { display: block; height: 100%; border: 1px solid var(--rule); border-radius: 10px; background: var(--sheet); padding: .7rem .9rem; text-decoration: none; color: var(--ink); }
.tiles a:hover { border-color: var(--accent); }
.tiles .by { display: block; }
.act.wide { max-width: 44rem; }
.act.wide .buttons { margin-top: 1.75rem; }
.group { border-top: 1px solid var(--rule); margin-top: 1.25rem; padding-top: .9rem; }
.group + .group { margin-top: .9rem; }
.group summary { font-weight: 600; font-size: .9375rem; }
.setup { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 24rem); gap: 0 3rem; align-items: start; }
.setup .live { margin-top: 2.25rem; }
.first { border: 1px solid var(--rule); border-radius: 10px; background: var(--sheet); padding: 1.1rem; min-height: 7.5rem; }
.first.arrived { border-color: var(--good); }
.first .status { font-size: 1rem; }
.request-verdict { border: 1px solid var(--good); border-radius: 8px; padding: .7rem .9rem; margin-top: 1rem; }
@media (max-width: 44rem) { .tiles a { font-size: .875rem; padding: .65rem .7rem; } }
@media (max-width: 60rem) { .setup { grid-template-columns: minmax(0, 1fr); } }
`;
