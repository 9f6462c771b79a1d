// Reads the rules of one source from hookline.yaml, to try them out before they are saved.

import { CommandError, type Io } from "../command.ts";
import { readText } from "../local/files.ts";
import type { ApiAnswer } from "../service.ts";
import { reportMistakes, reportRefusal } from "./apply.ts";
import { readYaml } from "./document.ts";

/** Rules of a file, and a printer of the API's mistakes at their places in it. */
type RulesFile = {
  readonly rules: unknown;
  /** @returns the exit code */
  refuse(answer: ApiAnswer): number;
};

/** @returns the rules; or the exit code, after the file's mistakes were printed */
export function readRules(io: Io, file: string, source: string): RulesFile | number {
  const yaml = readYaml(readText(file));
  if (!yaml.ok) return reportMistakes(io, file, yaml.mistakes);
  const rules = fieldOf(fieldOf(fieldOf(yaml.value, "sources"), source), "rules");
  if (rules === undefined) throw new CommandError(`${file} has no rules of a source ${source}`);
  const place = (path: readonly (string | number)[]) => ["sources", source, ...path];
  const locate: typeof yaml.locate = (mistake) => yaml.locate({ ...mistake, path: place(mistake.path) });
  return { rules, refuse: (answer) => reportRefusal(io, file, answer, locate) };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
