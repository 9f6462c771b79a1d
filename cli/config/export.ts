// `hookline export`: prints the configuration as a file that changes nothing if it is applied.
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import * as z from "zod";
import type { Command } from "../command.ts";
import { callApi, findService, get, read } from "../service.ts";
import { counted } from "../words.ts";

const config = z.looseObject({
  lines: z.record(z.string(), z.record(z.string(), z.unknown())),
  sources: z.record(z.string(), z.record(z.string(), z.unknown())),
  // A service of an older version has no hooks.
  hooks: z.array(z.record(z.string(), z.unknown())).default([]),
});
const everyHook = z.looseObject({ data: z.array(z.unknown()) });

export const exportCommand: Command = {
  usage: "> hookline.yaml",
  summary: "print the service's configuration as a hookline.yaml",
  help: "Secrets are named ({ env: NAME } or { id: … }) and never shown. The hooks are those of the token's name.",
  async run(args, io) {
    parseArgs({ args, options: {} });
    const service = findService(io);
    const { lines, sources, hooks } = await get(service, "/v1/config", config);
    io.out(yamlOf({ lines, sources, hooks }));
    const all = await callApi(service, "GET", "/v1/hooks");
    const others = all.ok ? read(everyHook, all.body).data.length - hooks.length : 0;
    if (others > 0)
      io.say(`${counted(others, "hook")} of other tokens' names: not in the file; \`hookline hooks\` lists them`);
    return 0;
  },
};

/** Writes YAML for people: block texts, and no fields that are empty. */
function yamlOf({
  lines,
  sources,
  hooks,
}: {
  lines: Record<string, Record<string, unknown>>;
  sources: Record<string, Record<string, unknown>>;
  hooks: readonly Record<string, unknown>[];
}): string {
  const given = (group: Record<string, Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(group).map(([slug, fields]) => [slug, Object.fromEntries(Object.entries(fields).filter(says))]),
    );
  const told = hooks.map((hook) => Object.fromEntries(Object.entries(hook).filter(says)));
  const document = { lines: given(lines), sources: given(sources), ...(told.length === 0 ? {} : { hooks: told }) };
  return stringify(document, { lineWidth: 0, blockQuote: "literal" }).trimEnd();
}

/** Whether a field is written. Empty rules and secrets are: a missing list would keep the stored ones. */
function says([name, value]: [string, unknown]): boolean {
  if (name === "rules" || name === "secrets") return true;
  return value !== null && !(typeof value === "object" && Object.keys(value).length === 0);
}
