/** Forms, buttons and decisions. */
export const formStyle = `
.button { display: inline-flex; align-items: center; text-decoration: none; }
button.final { background: var(--final); border-color: var(--final); color: var(--on-final); }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1.5rem; }
.buttons .button.quiet { min-height: 2.75rem; }
.acts { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1rem; }
.act { max-width: 40rem; }
.act .says { margin-top: .75rem; }
.act .says p + p { margin-top: .5rem; }
.act .says .status { margin-left: .25rem; }
.act form { margin-top: 1.5rem; }
.field-row { margin: 1.1rem 0 0; border: 0; padding: 0; min-width: 0; }
.field-row legend { font-size: .875rem; font-weight: 600; padding: 0; margin-bottom: .4rem; }
.field-row input[type="checkbox"], .field-row input[type="radio"] { width: 1.1rem; min-height: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent); flex: none; }
.field-row.check, .field-row .option { display: flex; gap: .6rem; align-items: flex-start; flex-wrap: wrap; }
.field-row.check label, .field-row .option label { margin: 0; font-weight: 400; font-size: .9375rem; min-height: 1.5rem; flex: 1; min-width: 0; }
.field-row.check input[type="checkbox"], .field-row .option input[type="radio"] { margin-top: .2rem; }
.field-row .option + .option { margin-top: .45rem; }
.field-row .option .hint { display: block; }
.field-row.check .hint, .field-row.check .mistake { flex-basis: 100%; margin: -.5rem 0 0 1.7rem; }
.field-row.check + .field-row.check { margin-top: .7rem; }
.field-row + .acts { margin-top: .5rem; }
.hint code { white-space: nowrap; }
.field-row textarea { resize: vertical; line-height: 1.5; }
.code-input { font: .875rem/1.5 var(--mono); }
.hint { color: var(--soft); font-size: .8125rem; margin-top: .3rem; }
.mistake { color: var(--warn); font-size: .875rem; margin-top: .3rem; }
[aria-invalid="true"] { border-color: var(--warn); }
.kept { margin-top: 1rem; }
.kept > div { padding: .4rem 0; border-top: 1px solid var(--rule); }
`;
