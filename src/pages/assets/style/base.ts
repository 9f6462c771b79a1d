/** Colours, type, the frame of pages, and lists. Colours are named by their use, in a light and a dark set, with a contrast of at least 4.5 : 1. */
export const baseStyle = `
:root {
  color-scheme: light dark;
  --paper: #faf9f6; --sheet: #ffffff; --ink: #1d2321; --soft: #5a6360; --rule: #e0ded6; --wash: #f1efe9;
  --accent: #0f6b66; --on-accent: #ffffff;
  --good: #1c7a45; --busy: #1f5fa8; --warn: #a04a06; --still: #646866; --final: #a3341f; --on-final: #ffffff; --alarm-wash: #fdf1e3; --alarm-rule: #e8c9a0;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141817; --sheet: #1b201f; --ink: #e7ebe8; --soft: #a0aaa6; --rule: #303836; --wash: #232a28;
    --accent: #62c8bf; --on-accent: #0b1f1d;
    --good: #6fcf97; --busy: #86b8f2; --warn: #f0a860; --still: #a0aaa6; --final: #f0907c; --on-final: #2a0d06; --alarm-wash: #2c2216; --alarm-rule: #5c4527;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: anywhere; }
.width { width: 100%; max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
main.width { padding-bottom: 3rem; }
main:focus { outline: none; }
h1, h2, h3, p, ul, ol, dl, dd, figure, blockquote { margin: 0; padding: 0; }
h1 { font-size: 1.5rem; line-height: 1.3; font-weight: 650; letter-spacing: -.012em; text-wrap: balance; }
h2 { font-size: 1.0625rem; line-height: 1.4; font-weight: 650; margin: 2.25rem 0 .75rem; }
h3 { font-size: .8125rem; font-weight: 600; color: var(--soft); margin: 1.25rem 0 .4rem; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: .06em; }
a:hover { text-decoration-thickness: .12em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code { font: .875em/1.4 var(--mono); }
p code, li code, .note code, .reason code, bdi code { background: var(--wash); padding: .1em .35em; border-radius: 4px; }
summary { cursor: pointer; color: var(--soft); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--sheet); padding: .5rem .9rem; z-index: 2; }
.skip:focus { top: .5rem; }

.top { border-bottom: 1px solid var(--rule); background: var(--sheet); margin-bottom: 1.75rem; }
.top .width { display: flex; align-items: center; gap: .5rem 1.25rem; min-height: 3.5rem; flex-wrap: wrap; padding-top: .35rem; padding-bottom: .35rem; }
.brand { color: var(--ink); font-weight: 700; letter-spacing: -.01em; text-decoration: none; white-space: nowrap; }
.brand::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .5em; border-radius: 50%; background: var(--accent); }
.pages { display: flex; gap: .15rem; font-size: .9375rem; overflow-x: auto; scrollbar-width: none; }
.pages a { text-decoration: none; color: var(--soft); padding: .3rem .6rem; border-radius: 6px; white-space: nowrap; }
.pages a:hover { background: var(--wash); color: var(--ink); }
.pages .count { margin-left: .4em; font-size: .75rem; font-weight: 600; font-variant-numeric: tabular-nums; color: var(--warn); border: 1px solid currentColor; border-radius: 99px; padding: 0 .45em; }
.pages a[aria-current] { color: var(--ink); background: var(--wash); font-weight: 600; }
.find { position: relative; flex: 1 1 12rem; max-width: 24rem; margin-left: auto; }
.find form { display: flex; gap: .4rem; }
.find input { min-height: 2.25rem; padding: .25rem .7rem; font-size: .9375rem; border-color: var(--rule); }
.suggestions { position: absolute; top: calc(100% + .25rem); left: 0; right: 0; z-index: 3; background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; box-shadow: 0 8px 24px rgb(0 0 0 / .12); overflow: hidden; visibility: hidden; }
.suggestions:not(:empty) { visibility: visible; }
.find:not(:focus-within) .suggestions { visibility: hidden; }
.who { margin-left: auto; display: flex; align-items: center; gap: .7rem; min-width: 0; }
.who .name { color: var(--soft); font-size: .875rem; min-width: 0; max-width: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.foot { color: var(--soft); font-size: .8125rem; padding-bottom: 2rem; }
.did { border: 1px solid var(--rule); border-left: 3px solid var(--good); background: var(--sheet); border-radius: 0 8px 8px 0; padding: .6rem 1rem; margin-bottom: 1.25rem; }
.live-state { height: 1.25rem; font-size: .75rem; color: var(--soft); }
.live-word:not(:empty)::before { content: ""; display: inline-block; width: .5em; height: .5em; border-radius: 50%; background: var(--good); margin-right: .45em; }
.live[data-state="held"] .live-word::before { background: var(--still); }
.live[data-state="old"] .live-word { color: var(--warn); }
.live[data-state="old"] .live-word::before { background: var(--warn); border-radius: 1px; }

button, input, textarea, select { font: inherit; color: inherit; }
button, .button { min-height: 2.75rem; padding: .5rem 1.15rem; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; white-space: nowrap; }
button:hover, .button:hover { filter: brightness(1.08); }
button.quiet, .button.quiet { min-height: 2.25rem; padding: .25rem .8rem; border-color: var(--rule); background: transparent; color: var(--ink); font-size: .875rem; font-weight: 500; }
button.quiet:hover, .button.quiet:hover { background: var(--wash); filter: none; }
input, textarea, select { width: 100%; min-height: 2.75rem; padding: .5rem .85rem; border: 1px solid var(--soft); border-radius: 8px; background: var(--sheet); }
input::placeholder { color: var(--soft); opacity: .9; }
label { display: block; font-size: .875rem; font-weight: 600; margin-bottom: .4rem; }

.notices { border: 1px solid var(--alarm-rule); background: var(--alarm-wash); border-radius: 10px; padding: .9rem 1.1rem; margin-bottom: 2rem; }
.notices p + p, .notices li + li, .notices details li { margin-top: .6rem; }
.notices ul, .notice-list { list-style: none; padding: 0; }
.notices details { margin-top: .6rem; }
.rows { display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .875rem; color: var(--soft); }
.notices .rows { color: var(--ink); }
.note { color: var(--soft); font-size: .875rem; margin-top: .9rem; }
.above { color: var(--soft); font-size: .875rem; margin-bottom: .35rem; }
.answer h1 { max-width: 46rem; font-size: 1.25rem; line-height: 1.4; }
.empty, .next { border: 1px dashed var(--rule); border-radius: 10px; padding: 1.5rem; margin-top: 1rem; color: var(--soft); }
.empty p + p, .empty ol { margin-top: .6rem; }
.empty ol, .next ul { padding-left: 1.25rem; }
.empty li, .next li { margin-top: .35rem; }
.empty code, .next code { color: var(--ink); }

.status { display: inline-flex; flex-wrap: wrap; align-items: baseline; gap: 0 .45em; font-size: .875rem; font-weight: 600; }
.status::before { content: ""; width: .55em; height: .55em; border-radius: 50%; background: currentColor; align-self: center; flex: none; }
.status.good { color: var(--good); } .status.busy { color: var(--busy); } .status.warn { color: var(--warn); } .status.still { color: var(--still); }
.status.busy::before { background: transparent; border: .16em solid currentColor; }
.status.warn::before { border-radius: 1px; transform: rotate(45deg); }
.status .outcome { color: var(--ink); font-weight: 400; }

.calls { width: 100%; margin-top: 1rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; border-spacing: 0; border-collapse: separate; overflow: hidden; }
.calls th { text-align: left; font-size: .75rem; font-weight: 600; color: var(--soft); padding: .6rem 1rem; background: var(--wash); white-space: nowrap; }
.calls td { padding: .7rem 1rem; border-top: 1px solid var(--rule); vertical-align: baseline; font-size: .9375rem; }
.calls tbody tr { position: relative; }
.calls tbody tr:hover { background: var(--wash); }
.calls .order { font-weight: 600; }
.calls .row-link { text-decoration: none; }
.calls .row-link::after { content: ""; position: absolute; inset: 0; }
.calls .row-link:hover { text-decoration: underline; }
.calls .try, .calls .rule, .calls .when, .calls .line { color: var(--soft); }
.calls .try { margin-left: .5em; font-size: .8125rem; font-weight: 400; }
.calls .rule::before { content: "› "; }
.calls .line { max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.calls .number, .calls .when { white-space: nowrap; font-variant-numeric: tabular-nums; }
.pager { display: flex; justify-content: space-between; margin-top: 1.25rem; }
.pager [rel="next"] { margin-left: auto; }
.events { list-style: none; }
.events li { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr auto; gap: .1rem 1.25rem; padding: .65rem 0; border-top: 1px solid var(--rule); font-size: .9375rem; }
.events .what { font-weight: 600; } .events time { color: var(--soft); font-variant-numeric: tabular-nums; }

.steps { padding-left: 1.4rem; max-width: 46rem; }
.steps li { padding: .2rem 0; }
.address { font: .9375rem/1.5 var(--mono); background: var(--wash); border-radius: 6px; padding: .5rem .8rem; display: inline-block; }
.plain { list-style: none; }
.plain li { padding: .4rem 0; border-top: 1px solid var(--rule); font-size: .9375rem; }
.plain li:first-child { border-top: 0; }

.trail { display: flex; flex-wrap: wrap; gap: .25rem .5rem; font-size: .875rem; margin-bottom: 1.25rem; }
.trail a + a::before { content: "/"; color: var(--soft); margin-right: .5rem; display: inline-block; }
.headline h1 { margin-top: .35rem; max-width: 44rem; }
.headline .why { margin-top: .9rem; padding: .8rem 1.1rem; border-left: 3px solid var(--rule); background: var(--wash); border-radius: 0 8px 8px 0; max-width: 44rem; }
.why p code { background: var(--sheet); }
.why p + p { margin-top: .5rem; }
.code { color: var(--soft); }
.columns { display: grid; grid-template: "said facts" auto "way facts" 1fr / minmax(0, 1fr) 22rem; gap: 0 3rem; align-items: start; }
.said { grid-area: said; } .way { grid-area: way; }
.facts { grid-area: facts; margin-top: 2.25rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; padding: .4rem 1.1rem; }
.facts dl > div { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .75rem; padding: .5rem 0; font-size: .875rem; }
.facts dl > div + div { border-top: 1px solid var(--rule); }
dt { color: var(--soft); }
.facts dd { font-variant-numeric: tabular-nums; }
.facts .id { font: .8125rem/1.4 var(--mono); display: block; }
.facts code { font-size: .8125rem; }
.passage { background: var(--sheet); border: 1px solid var(--rule); border-radius: 10px; padding: .9rem 1.1rem; white-space: pre-wrap; max-width: 44rem; unicode-bidi: isolate; }
.raw { font: .8125rem/1.4 var(--mono); color: var(--soft); }

.timeline { list-style: none; border-left: 1px solid var(--rule); margin-left: .3rem; }
.timeline > li { position: relative; padding: 0 0 1.1rem 1.4rem; }
.timeline > li:last-child { padding-bottom: 0; }
.timeline > li::before { content: ""; position: absolute; left: -.3125rem; top: .5em; width: .625rem; height: .625rem; border-radius: 50%; background: var(--accent); box-shadow: 0 0 0 3px var(--paper); }
.timeline > .verdict::before { background: var(--paper); border: 2px solid var(--still); }
.timeline > .stop::before { border-color: var(--warn); border-radius: 1px; transform: rotate(45deg); }
.step .reason { display: block; }
.by { color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.readings { font-size: .8125rem; }
.timeline summary:hover { color: var(--ink); }
.readings { margin-top: 1.25rem; color: var(--soft); }
.readings ul { padding-left: 1.25rem; margin-top: .4rem; }
.evidence { font-size: .8125rem; margin-top: .45rem; display: grid; gap: .2rem; }
.evidence > div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: .75rem; }
.evidence dd { font-family: var(--mono); }

.signin, section.error { max-width: 27rem; margin: 8vh auto 0; }
.signin h1, section.error h1 { margin-bottom: .5rem; }
.signin form { margin: 1.5rem 0; }
.signin form button { width: 100%; margin-top: .9rem; }
.signin details { font-size: .875rem; }
.signin details p { margin-top: .5rem; color: var(--soft); }
.refused { border: 1px solid var(--alarm-rule); background: var(--alarm-wash); border-radius: 8px; padding: .7rem .9rem; margin-top: 1rem; }
.signin .refused { margin-bottom: 1rem; }
section.error p + p { margin-top: 1rem; }

@media (max-width: 60rem) {
  .who { margin-left: auto; }
  .pages { order: 3; flex-basis: 100%; margin: 0 -.5rem; }
  .pages a[aria-current] { position: sticky; left: 0; right: 0; box-shadow: 0 0 0 .4rem var(--sheet); }
  .columns { grid-template: "said" "facts" "way" / minmax(0, 1fr); }
}
@media (max-width: 44rem) {
  .width { padding: 0 1rem; }
  .top { margin-bottom: 1.25rem; }
  .top .width { gap: .35rem .75rem; }
  .who { margin-left: auto; }
  .find { order: 2; flex-basis: 100%; max-width: none; }
  .pages { order: 3; flex-basis: 100%; flex-wrap: wrap; gap: 0; margin: 0 -.5rem; }
  h1 { font-size: 1.3rem; }
  .calls, .calls tbody { display: block; }
  .calls thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .calls tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem 1rem; padding: .8rem 1rem; }
  .calls tr + tr { border-top: 1px solid var(--rule); }
  .calls td { padding: 0; border: 0; }
  .calls .state { justify-self: end; text-align: right; }
  .calls .number, .calls .line { justify-self: start; font-size: .875rem; }
  .calls .line { justify-self: end; max-width: 100%; }
  .calls .origin { order: 1; grid-column: 1 / -1; font-size: .875rem; }
  .calls .when { order: 2; grid-column: 1 / -1; font-size: .8125rem; }
  .events li { grid-template-columns: minmax(0, 1fr); }
  .evidence > div { grid-template-columns: 5.5rem minmax(0, 1fr); }
}
@media (prefers-reduced-motion: no-preference) { button, .calls tr { transition: background-color .12s ease; } }
@media print { .top, .foot, .pager { display: none; } body { background: #fff; } }
`;
