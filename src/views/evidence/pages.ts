/** The two pages of an evidence bundle. They are files that a person opens: no page may load anything from anywhere. */
import type { EvidenceTimeline } from "./timeline.ts";
import verifier from "./verifier.json" with { type: "json" };

const style = `:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #8886;overflow-wrap:anywhere}
code,pre{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
.good::before{content:"✓ ";color:#1a7f37}
.bad{font-weight:600}
.bad::before{content:"✗ ";color:#cf222e}
.note::before{content:"– "}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
@media(prefers-color-scheme:dark){.good::before{color:#3fb950}.bad::before{color:#ff7b72}}`;

type Facts = {
  readonly order_number: string;
  readonly at: string;
  readonly masks: string | null;
  readonly answer: string;
  readonly limits: { readonly calls: number; readonly events: number };
  readonly more: { readonly calls: boolean; readonly events: boolean };
};

/** The timeline for people. It is the same as `timeline.json`, and no page of its own proves it: the manifest has its hash. */
export function timelinePage(said: Facts & EvidenceTimeline): string {
  const left = (["events", "calls"] as const).flatMap((kind) =>
    said.more[kind] ? [`There are more ${kind} than the newest ${said.limits[kind]}, which are here.`] : [],
  );
  const erased = said.calls.flatMap(({ id, erased_at }) =>
    erased_at === null ? [] : [`Number and texts of call ${id} were erased at ${erased_at}.`],
  );
  const notes = [...(said.masks === null ? [] : [said.masks]), ...left, ...erased];
  const rows = said.steps.map(({ at, about, kind, ...rest }) => {
    const detail = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
    const lines = detail.map(
      ([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
    );
    return `<tr><td><time>${escaped(at)}</time></td><td>${escaped(kind)}</td><td><code>${escaped(about)}</code></td><td><pre>${escaped(lines.join("\n"))}</pre></td></tr>`;
  });
  const title = `Order ${said.order_number}`;
  return pageOf(
    title,
    `<h1>${escaped(title)}</h1>
<p>${escaped(said.answer)}</p>
<p>Made ${escaped(said.at)}. Times are in UTC.</p>
${notes.map((note) => `<p>${escaped(note)}</p>`).join("\n")}
<h2>Timeline</h2>
<table><thead><tr><th>Time</th><th>Kind</th><th>Call or event</th><th>Details</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>`,
    "",
  );
}

/**
 * The page that verifies the files that it has inside it, and files that a person gives it.
 *
 * @param files Texts by their names in the bundle.
 */
export function verifierPage(orderNumber: string, files: Readonly<Record<string, string>>): string {
  const title = `Evidence about order ${orderNumber}`;
  // `<` would end the element that holds the data.
  const data = JSON.stringify(files).replaceAll("<", "\\u003c");
  return pageOf(
    title,
    `<h1>${escaped(title)}</h1>
<p id="verdict" role="status">This page verifies with a script. It needs a browser that runs it.</p>
<div id="checks"></div>
<h2>Check files of the bundle</h2>
<p><label>Files from the same folder: <input id="files" type="file" multiple></label></p>
<ul id="given"></ul>
<h2>Not proven</h2>
<ul>
<li>That the keys are those of the service. Compare their thumbprints with the keys at its address <code>/.well-known/jwks.json</code>.</li>
<li>That a call has no other entry, and that an entry is true. Entries about people who read a call are left out of receipts.</li>
<li>That a head belongs to the chain that everybody sees. Compare it with heads that were stored elsewhere.</li>
<li>That this page is the service's own. <code>hookline verify-receipt</code> verifies each receipt without it.</li>
</ul>
<script type="application/json" id="evidence">${data}</script>
<script>${verifier.script}</script>`,
    ` script-src 'sha256-${verifier.sha256}';`,
  );
}

function pageOf(title: string, body: string, scripts: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';${scripts}">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

const signs: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => signs[sign] ?? "");
}
