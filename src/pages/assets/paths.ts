/** Addresses of the pages' static files. Each has the hash of its content, so that browsers keep it until it changes. */
import { sha256Hex } from "../../platform/hashes.ts";
import htmx from "./htmx.json" with { type: "json" };
import { icon } from "./icon.ts";
import { script } from "./script.ts";
import { style } from "./style/style.ts";

const svg = "image/svg+xml";
const js = "text/javascript; charset=utf-8";

/** Files by name. */
const files = {
  style: { text: style, type: "text/css; charset=utf-8", end: "css" },
  icon: { text: icon, type: svg, end: "svg" },
  htmx: { text: htmx.text, type: js, end: "js" },
  script: { text: script, type: js, end: "js" },
} as const;
type Name = keyof typeof files;

const names = Object.keys(files) as Name[];

/** @returns The file's address: its hash is 48 bits of SHA-256, enough to tell versions apart. */
function pathOf(name: Name): string {
  return `/assets/${name}-${sha256Hex(files[name].text).slice(0, 12)}.${files[name].end}`;
}

export const assetPaths = Object.fromEntries(names.map((name) => [name, pathOf(name)])) as Readonly<
  Record<Name, string>
>;

/** @returns The file of an address; undefined for an unknown one. */
export function assetAt(path: string): { readonly text: string; readonly type: string } | undefined {
  const name = names.find((one) => assetPaths[one] === path);
  return name === undefined ? undefined : files[name];
}
