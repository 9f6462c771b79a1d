import type { Mistake, RuleDefinition } from "../rules/rule.ts";
import type { Path } from "./check.ts";
import type { FieldChange } from "./compare.ts";
import type { ConfigWrite, LineSettings, SourceSettings } from "./stored.ts";

/** One thing that an apply would do, or did. */
export type Change = {
  readonly kind: "create" | "change" | "remove" | "keep";
  readonly what: "line" | "source" | "rule" | "secret" | "credential";
  readonly name: string;
  readonly fields?: readonly FieldChange[];
};

/** A secret that is wanted: sealed already, or one that is stored. */
export type WantedSecret =
  | {
      readonly kind: "value";
      readonly env: string | null;
      readonly sealed: string;
      readonly kid: string;
      readonly fingerprint: string;
    }
  | { readonly kind: "env"; readonly env: string }
  | { readonly kind: "id"; readonly id: string };

/** `path`: where it stands in its document. */
export type WantedRule = { readonly name: string; readonly definition: RuleDefinition; readonly path: Path };

/** A source that is wanted. Secrets and rules that are `null` stay as they are; a list is exactly what is to be there. */
export type WantedSource = {
  readonly slug: string;
  /** `null`: it has mistakes; its other parts are looked at all the same, and nothing will be written. */
  readonly source: SourceSettings | null;
  readonly secrets: readonly WantedSecret[] | null;
  /** Of the sender's API, and the only address that it is for. Absent: whatever there is for this address; `null`: none. */
  readonly credential?: WantedSecret | null;
  readonly baseUrl?: string | null;
  readonly rules: readonly WantedRule[] | null;
  /** Where it stands in its document. */
  readonly path: Path;
};

/** `lineNames`: every line that the document names, those with mistakes too. */
export type WantedConfig = {
  readonly lines: readonly LineSettings[];
  readonly lineNames: readonly string[];
  readonly sources: readonly WantedSource[];
};

/** What is to be done. With mistakes nothing is written. */
export type ConfigPlan = { readonly changes: Change[]; readonly writes: ConfigWrite[]; readonly mistakes: Mistake[] };

/** The names of what a source can have fetched. */
export type Fetchables = (source: SourceSettings) => readonly string[];

export function emptyPlan(): ConfigPlan {
  return { changes: [], writes: [], mistakes: [] };
}

export function noteUnchanged(plan: ConfigPlan, what: Change["what"], name: string): void {
  plan.changes.push({ kind: "keep", what, name });
}

/** The name of a stored secret or credential in a change: its environment variable, or its id. */
export function secretName(source: string, { env, id }: { readonly env: string | null; readonly id: string }): string {
  return `${source}/${env ?? id}`;
}
