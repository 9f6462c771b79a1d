// `hookline export`: a file that applies to no change.
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
  summary: "print the configuration as a file that applies to no change",
  help: "Secrets are named ({ env: NAME } or { id: … }) and never shown.",
  async run(args, io) {
    parseArgs({ args, options: {} });
    const { lines, sources } = await get(findService(io), "/v1/config", config);
    io.out(yamlOf({ lines, sources }));
    return 0;
  },
};

/** Writes the document as people would: texts of several lines as blocks, nothing that only says "none". */
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

/** Rules and secrets are said even when there are none: a list that is missing would leave what is stored. */
function says([name, value]: [string, unknown]): boolean {
  if (name === "rules" || name === "secrets") return true;
  return value !== null && !(typeof value === "object" && Object.keys(value).length === 0);
}
