/** Rules: their fields, versions, editor and rehearsal. */
export const ruleStyle = `
.fields > div { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .25rem 1rem; padding: .5rem 0; border-top: 1px solid var(--rule); font-size: .9375rem; }
.fields > div:first-child { border-top: 0; }
.fields dt { color: var(--soft); font-size: .875rem; }
.fields dd { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
.line-diff { border-collapse: collapse; width: 100%; margin-top: 1rem; font: .8125rem/1.5 var(--mono); table-layout: fixed; }
.line-diff th { text-align: left; color: var(--soft); font: .75rem/1.4 var(--sans, inherit); padding: .2rem .5rem .2rem 0; vertical-align: bottom; }
.line-diff .nr { width: 4.5rem; color: var(--soft); }
.line-diff td { padding: .05rem .5rem .05rem 0; vertical-align: baseline; white-space: pre-wrap; overflow-wrap: anywhere; }
.line-diff .sign { display: inline-block; width: 1.25rem; }
.line-diff .removed td:last-child { color: var(--warn); background: var(--alarm-wash); }
.line-diff .added td:last-child { color: var(--good); background: var(--wash); }
.editor { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 27rem); gap: 0 2.5rem; align-items: start; }
.editor .field-row { position: relative; }
.beside { position: sticky; top: 1rem; display: grid; grid-template-rows: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; height: calc(100vh - 2rem); min-height: 34rem; margin-top: 1.1rem; }
.beside > section { display: flex; flex-direction: column; min-height: 0; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; }
.beside h2 { margin: 0; font-size: .9375rem; padding: .6rem 1rem; }
.beside .title-row { display: flex; justify-content: space-between; align-items: center; margin: 0; border-bottom: 1px solid var(--rule); }
.beside .live-state { width: 7.5rem; text-align: left; }
.beside .empty { margin: 0 1rem 1rem; padding: 1rem; }
.beside .follows .empty { margin: .75rem 0 0; }
.follows, .beside .tree { position: relative; flex: 1; min-height: 0; overflow: auto; padding: 0 1rem 1rem; }
.follows:focus-visible { outline-offset: -2px; }
.follows .note { margin-top: .6rem; font-size: .8125rem; }
.follows .refused { font-size: .875rem; }
.follows li { list-style: none; padding: .7rem 0; border-top: 1px solid var(--rule); font-size: .875rem; }
.follows li:first-child { border-top: 0; }
.follows .head { display: flex; justify-content: space-between; gap: .25rem 1rem; flex-wrap: wrap; margin-bottom: .2rem; }
.follows .head a { font-weight: 600; }
.follows time { color: var(--soft); font-variant-numeric: tabular-nums; }
.follows .fields > div { grid-template-columns: 4.5rem minmax(0, 1fr); padding: .25rem 0; border-top: 0; font-size: .875rem; }
.follows .fields dt { font-size: .8125rem; }
.picks { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto; gap: .5rem; align-items: end; padding: 0 1rem .6rem; border-bottom: 1px solid var(--rule); }
.picks label { font-size: .75rem; font-weight: 500; color: var(--soft); margin-bottom: .15rem; }
.picks select { min-height: 2.25rem; padding: .2rem .5rem; font-size: .875rem; }
.payload > .note { padding: 0 1rem 1rem; }
.tree { font-size: .8125rem; padding-top: .5rem; }
.tree details details, .tree details > .leaf { margin-left: .9rem; }
.tree summary { padding: .15rem 0; min-height: 1.5rem; }
.tree code { font-size: .8125rem; background: none; padding: 0; }
.tree .leaf { display: block; min-height: 1.5rem; padding: .1rem .4rem; overflow-wrap: anywhere; }
.tree button.leaf { width: calc(100% - .9rem); text-align: left; white-space: normal; background: none; border: 0; border-radius: 4px; color: var(--ink); font-size: .8125rem; font-weight: 400; }
.tree button.leaf:hover { background: var(--wash); filter: none; }
.tree .leaf code { color: var(--soft); }
.tree button.leaf .value { color: var(--accent); }
.paths { position: absolute; z-index: 2; left: 0; right: 0; max-height: 14rem; overflow: auto; margin: .15rem 0 0; padding: .25rem; list-style: none; background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; box-shadow: 0 8px 24px rgb(0 0 0 / .12); font: .8125rem/1.5 var(--mono); }
.paths li { padding: .2rem .6rem; border-radius: 4px; cursor: pointer; overflow-wrap: anywhere; }
.paths [aria-selected="true"], .paths li:hover { background: var(--wash); }
.rehearsal .facts-table, .rehearsal .counts { margin-top: 1rem; }
.counts li { display: grid; grid-template-columns: 3rem minmax(0, 1fr); }
.counts strong { font-variant-numeric: tabular-nums; }
@media (max-width: 60rem) {
  .editor { grid-template-columns: minmax(0, 1fr); }
  .beside { position: static; height: auto; min-height: 0; grid-template-rows: 24rem 30rem; }
}
@media (max-width: 36rem) {
  .fields > div { grid-template-columns: minmax(0, 1fr); }
  .line-diff .nr { width: 3.75rem; }
  .picks { grid-template-columns: minmax(0, 1fr); }
}
`;
