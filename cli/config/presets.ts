// `hookline presets`: lists the CRMs that Hookline knows, and prints the setup steps of one.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError } from "../command.ts";
import { findService, get } from "../service.ts";

const presets = z.looseObject({
  data: z.array(
    z.looseObject({
      name: z.string(),
      title: z.string(),
      schemes: z.array(
        z.looseObject({
          name: z.string(),
          title: z.string(),
          signs: z.string().nullable(),
          unsigned_fields: z.array(z.string()),
          tenant: z.string(),
        }),
      ),
      settings: z.array(
        z.looseObject({
          name: z.string(),
          about: z.string(),
          default: z.string(),
          choices: z.array(z.string()).optional(),
        }),
      ),
      steps: z.array(z.string()),
    }),
  ),
});
type Preset = z.output<typeof presets>["data"][number];

/** Whether a source must name the sender's account, in words. */
const tenantWords: Readonly<Record<string, string>> = {
  mandatory: "; the source needs a tenant",
  when_named: "; a source needs `tenant` if its events name an account",
};

export const presetsCommand: Command = {
  usage: "[NAME]",
  summary: "list the CRMs that are known, or say how to set up one",
  help: "With a NAME: how it signs, what its settings are, and what to do in its product, step by step.",
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const [name, ...rest] = positionals;
    if (rest.length > 0) throw new CommandError("one preset at a time: hookline presets [NAME]", 2);
    const { data } = await get(findService(io), "/v1/presets", presets);
    if (name === undefined) {
      for (const preset of data) io.out(`${preset.name.padEnd(20)}${preset.title}`);
      return 0;
    }
    const preset = data.find((one) => one.name === name);
    if (preset === undefined) throw new CommandError(`there is no preset "${name}"; \`hookline presets\` lists them`);
    for (const line of linesOf(preset)) io.out(line);
    return 0;
  },
};

/** The text that a signature covers: a template whose tokens are parts of the request. */
function coveredText(template: string): string {
  return template === "{body}" ? "the body" : `the text ${template}`;
}

function linesOf({ name, title, schemes, settings, steps }: Preset): string[] {
  return [
    `${name}: ${title}`,
    "",
    "How it signs (settings.scheme; the first is the default)",
    ...schemes.map((scheme) => {
      const signs = scheme.signs === null ? "signs nothing of the request" : `signs ${coveredText(scheme.signs)}`;
      const unsigned = scheme.unsigned_fields.length > 0 ? `; not signed: ${scheme.unsigned_fields.join(", ")}` : "";
      const tenant = tenantWords[scheme.tenant] ?? "";
      return `  ${scheme.name}: ${scheme.title}; ${signs}${unsigned}${tenant}`;
    }),
    "",
    "Settings",
    ...settings.map((one) => {
      const choices = one.choices === undefined ? "" : ` One of: ${one.choices.join(", ")}.`;
      return `  ${one.name} (${one.default === "" ? "none" : one.default}): ${one.about}${choices}`;
    }),
    ...(steps.length > 0 ? ["", "In its product"] : []),
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
  ];
}
