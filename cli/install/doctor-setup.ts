// The checks of `doctor` without the service: this machine, wrangler.toml, the Worker's secrets.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../local/paths.ts";
import { wrangler } from "../wrangler.ts";

/** The result of one check. `text` has the finding and the next step. */
export type SetupFinding = { state: "good" | "warning" | "wrong"; text: string };

const nodeMajorMin = 22;
const secretNames = ["TOKEN_KEYS", "SESSION_KEYS", "SEALING_KEYS", "RECEIPT_KEYS", "MIHU_TOKEN", "MIHU_BASE_URL"];

/** Node's version: wrangler needs a newer one than many machines have, and the packages bring one. */
export function checkNode(version: string): SetupFinding[] {
  const good = Number(version.split(".")[0]) >= nodeMajorMin;
  if (good) return [{ state: "good", text: `Node ${version}` }];
  return [
    { state: "wrong", text: `Node ${version} is too old: start this by \`npm run hookline\`, which brings its own` },
  ];
}

/** Whether Hyperdrive has a real id, and whether its caching is off. */
export async function checkWranglerToml(
  production: boolean,
  text = readFileSync(join(root, "wrangler.toml"), "utf8"),
): Promise<SetupFinding[]> {
  const id = /^\[\[hyperdrive\]\][^[]*?^id\s*=\s*"([^"]*)"/ms.exec(text)?.[1];
  if (id === undefined) return [{ state: "wrong", text: "wrangler.toml names no Hyperdrive" }];
  if (/^0*$/.test(id)) {
    const advice =
      "wrangler.toml has a placeholder for Hyperdrive's id: `wrangler hyperdrive create` prints the real one";
    return [
      {
        state: production ? "wrong" : "warning",
        text: `${advice}${production ? "" : " (needed for production only)"}`,
      },
    ];
  }
  const found: SetupFinding[] = [{ state: "good", text: "wrangler.toml names a Hyperdrive" }];
  return production ? [...found, await checkCaching(id)] : found;
}

const hyperdrive = z.looseObject({ caching: z.looseObject({ disabled: z.boolean().optional() }).optional() });

async function checkCaching(id: string): Promise<SetupFinding> {
  const asked = await wrangler(["hyperdrive", "get", id]);
  const said = hyperdrive.safeParse(jsonIn(asked.stdout));
  if (asked.code !== 0 || !said.success)
    return { state: "warning", text: "Hyperdrive's caching could not be read: run `wrangler login`" };
  if (said.data.caching?.disabled === true) return { state: "good", text: "Hyperdrive's caching is off" };
  return {
    state: "wrong",
    text: `Hyperdrive caches: answers would be up to 75 s old; \`wrangler hyperdrive update ${id} --caching-disabled\``,
  };
}

const names = z.array(z.looseObject({ name: z.string() }));

/** Whether all secrets of the Worker are set. */
export async function checkSecretNames(): Promise<SetupFinding[]> {
  const asked = await wrangler(["secret", "list"]);
  const said = names.safeParse(jsonIn(asked.stdout));
  if (asked.code !== 0 || !said.success)
    return [{ state: "warning", text: "the Worker's secrets could not be listed: run `wrangler login`" }];
  const set = new Set(said.data.map(({ name }) => name));
  const missing = secretNames.filter((name) => !set.has(name));
  if (missing.length === 0) return [{ state: "good", text: "all secrets of the Worker are set" }];
  return [
    {
      state: "wrong",
      text: `the Worker lacks ${missing.join(", ")}: \`hookline bootstrap\` makes keys, \`wrangler secret put\` sets the rest`,
    },
  ];
}

/** The JSON within wrangler's output. */
function jsonIn(text: string): unknown {
  const from = text.search(/[[{]/);
  const to = Math.max(text.lastIndexOf("]"), text.lastIndexOf("}"));
  try {
    return JSON.parse(text.slice(from, to + 1));
  } catch {
    return undefined;
  }
}
