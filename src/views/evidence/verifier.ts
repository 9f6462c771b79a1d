/**
 * The script of `verify.html`, which verifies an evidence bundle offline with the browser's WebCrypto. `npm run docs` builds it into
 * `verifier.json`; nothing imports this file. The checks of receipts are those of `hookline verify-receipt`.
 */
import { calculateJwkThumbprint, decodeProtectedHeader, type JSONWebKeySet } from "jose";
import { verifyReceipt } from "../../flows/audit/verify-receipt.ts";
import { digestHex, payloadOf, receiptTools } from "./receipt-tools.ts";

/** The part of a browser's document that this script uses. */
type PageElement = {
  textContent: string | null;
  className: string;
  append(...nodes: PageElement[]): void;
  addEventListener(type: "change", listener: () => void): void;
  readonly files?: Iterable<{ readonly name: string; arrayBuffer(): Promise<ArrayBuffer> }> | null;
};
declare const document: {
  getElementById(id: string): PageElement | null;
  createElement(name: string): PageElement;
};

type Manifest = {
  readonly order_number: string;
  readonly at: string;
  readonly service: string | null;
  readonly masks: string | null;
  readonly limits: Readonly<Record<string, number>>;
  readonly more: Readonly<Record<string, boolean>>;
  readonly receipts: readonly {
    readonly call: string;
    readonly file: string | null;
    readonly problem: "differs" | "unlinked" | null;
    readonly why: string | null;
    readonly erased_at: string | null;
  }[];
  readonly files: Readonly<Record<string, string>>;
};

function place(id: string): PageElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

function add(to: PageElement, name: string, text: string, className = ""): PageElement {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  to.append(made);
  return made;
}

let failed = 0;
const good = (to: PageElement, text: string) => void add(to, "p", text, "good");
const note = (to: PageElement, text: string) => void add(to, "p", text, "note");
function bad(to: PageElement, text: string): void {
  failed++;
  add(to, "p", text, "bad");
}
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function verifyCall(to: PageElement, manifest: Manifest["receipts"][number], jws: string, keys: JSONWebKeySet) {
  const verified = await verifyReceipt(jws, receiptTools(keys));
  if (!verified.ok) return bad(to, `The receipt is not valid: ${verified.reason}.`);
  const { receipt, heads, entries } = verified;
  if (receipt.call.id !== manifest.call)
    return bad(to, `The receipt is not valid: it is about call ${receipt.call.id}.`);
  const status = [receipt.call.status, receipt.call.outcome].filter(Boolean).join(", ");
  good(
    to,
    `Signature by key ${decodeProtectedHeader(jws).kid}: the service stated at ${receipt.at} that the call is ${status}.`,
  );
  for (const head of new Set(heads))
    good(
      to,
      `Head of position ${head.position}: signed at ${new Date(head.at).toISOString()}, and its hash follows from the entries.`,
    );
  good(
    to,
    `${entries.length} entries have their hashes, stand in the chain below these heads, and lead to that status.`,
  );
  if (receipt.content !== undefined) good(to, "Number and texts are those that the call's making committed to.");
  else note(to, "Number and texts are not in this receipt: they are masked, erased or were never written.");
  if (receipt.more === true) note(to, "The call has more entries than a receipt may contain.");
  const table = add(to, "table", "");
  for (const { position, at, action, actor, reason } of entries) {
    const row = add(table, "tr", "");
    for (const text of [String(position), at, action, actor, reason ?? ""]) add(row, "td", text);
  }
}

async function run(): Promise<void> {
  const files: Record<string, string> = JSON.parse(place("evidence").textContent ?? "{}");
  const checks = place("checks");
  const text = (name: string): string => {
    const found = files[name];
    if (found === undefined) throw new Error(`${name} is missing`);
    return found;
  };
  add(checks, "h2", "Keys");
  const keys: JSONWebKeySet = JSON.parse(text("keys.json"));
  for (const key of keys.keys)
    note(checks, `Key ${key.kid}, thumbprint (RFC 7638) ${await calculateJwkThumbprint(key)}`);

  add(checks, "h2", "Manifest");
  const manifest = (await payloadOf(text("manifest.jws"), "hookline-evidence+jws", keys).catch((error) => {
    throw new Error(`the manifest's signature is not valid (${reasonOf(error)})`);
  })) as Manifest;
  good(checks, `Signature by key ${decodeProtectedHeader(text("manifest.jws")).kid}: made ${manifest.at}.`);
  if (manifest.service !== null) note(checks, `The service's keys are at ${manifest.service}/.well-known/jwks.json`);
  if (manifest.masks !== null) note(checks, manifest.masks);
  for (const [kind, more] of Object.entries(manifest.more))
    if (more) note(checks, `There are more ${kind} than the newest ${manifest.limits[kind]}, which are in the bundle.`);
  for (const [name, wanted] of Object.entries(manifest.files)) {
    if (name === "timeline.html") note(checks, "timeline.html is beside this page. Choose it below to check it.");
    else if (files[name] === undefined) bad(checks, `${name} is missing.`);
    else if ((await digestHex(files[name])) === wanted) good(checks, `${name} is as it was signed.`);
    else bad(checks, `${name} was changed: its hash is not the signed one.`);
  }
  for (const name of Object.keys(files))
    if (name !== "manifest.jws" && !Object.hasOwn(manifest.files, name)) bad(checks, `${name} is not in the manifest.`);

  for (const one of manifest.receipts) {
    const section = add(checks, "section", "");
    add(section, "h2", `Call ${one.call}`);
    if (one.erased_at !== null) note(section, `Its number and texts were erased at ${one.erased_at}.`);
    if (one.problem === "differs") bad(section, `It has no receipt. ${one.why}`);
    else if (one.file === null) note(section, `It has no receipt. ${one.why}`);
    else if (files[one.file] === undefined) bad(section, `${one.file} is missing.`);
    else
      await verifyCall(section, one, text(one.file), keys).catch((error) =>
        bad(section, `The receipt cannot be read (${reasonOf(error)}).`),
      );
  }
  listenForFiles(manifest, files);
  const receipts = manifest.receipts.filter(({ file }) => file !== null).length;
  const none = manifest.receipts.length - receipts;
  verdict(`${receipts} receipts and all files are valid${none === 0 ? "" : `; ${none} calls have no receipt`}`);
}

/** Files that a person gives are compared with the signed hashes, and the manifest with the one in this page. */
function listenForFiles(manifest: Manifest, embedded: Readonly<Record<string, string>>): void {
  const input = place("files");
  input.addEventListener("change", async () => {
    const list = place("given");
    list.textContent = "";
    for (const file of input.files ?? []) {
      const name = [file.name, `receipts/${file.name}`].find((one) => Object.hasOwn(manifest.files, one));
      const found = await digestHex(await file.arrayBuffer());
      const own = file.name === "manifest.jws" ? await digestHex(embedded["manifest.jws"] ?? "") : null;
      const wanted = own ?? (name === undefined ? undefined : manifest.files[name]);
      if (wanted === undefined) add(list, "li", `${file.name} is not in the manifest.`, "note");
      else if (wanted === found) add(list, "li", `${file.name} is as it was signed.`, "good");
      else add(list, "li", `${file.name} was changed: its hash is not the signed one.`, "bad");
    }
  });
}

function verdict(whole: string): void {
  const at = place("verdict");
  at.className = failed === 0 ? "good" : "bad";
  at.textContent = failed === 0 ? `Valid: ${whole}.` : `NOT VALID: ${failed} checks failed. They are marked below.`;
}

run().catch((error) => {
  bad(place("checks"), `The bundle cannot be verified: ${reasonOf(error)}.`);
  verdict("");
});
