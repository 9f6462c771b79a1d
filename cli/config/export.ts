// `hookline export`: prints the configuration as a file that changes nothing if it is applied.
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import * as z from "zod";
import type { Command } from "../command.ts";
import { findService, get } from "../service.ts";

const config = z.looseObject({
  lines: z.record(z.string(), z.record(z.string(), z.unknown())),
  sources: z.record(z.string(), z.record(z.string(), z.unknown())),
});

export const exportCommand: Command = {
  usage: "> hookline.yaml",
  summary: "print the service's configuration as a hookline.yaml",
  help: "Secrets are named ({ env: NAME } or { id: … }) and never shown.",
  async run(args, io) {
    parseArgs({ args, options: {} });
    const { lines, sources } = await get(findService(io), "/v1/config", config);
    io.out(yamlOf({ lines, sources }));
    return 0;
  },
};

/** Writes YAML for people: block texts, and no fields that are empty. */
function yamlOf({
  lines,
  sources,
}: {
  lines: Record<string, Record<string, unknown>>;
  sources: Record<string, Record<string, unknown>>;
}): string {
  const given = (group: Record<string, Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(group).map(([slug, fields]) => [slug, Object.fromEntries(Object.entries(fields).filter(says))]),
    );
  return stringify({ lines: given(lines), sources: given(sources) }, { lineWidth: 0, blockQuote: "literal" }).trimEnd();
}

/** Whether a field is written. Empty rules and secrets are: a missing list would keep the stored ones. */
function says([name, value]: [string, unknown]): boolean {
  if (name === "rules" || name === "secrets") return true;
  return value !== null && !(typeof value === "object" && Object.keys(value).length === 0);
}
