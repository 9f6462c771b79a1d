/** A wanted configuration, and the plan of the changes that lead to it. */
import type { Mistake, RuleDefinition } from "../rules/rule.ts";
import type { Path } from "./check.ts";
import type { FieldChange } from "./compare.ts";
import type { WeakSecret } from "./secret-strength.ts";
import type { ConfigWrite, LineSettings, SourceSettings } from "./stored.ts";

/** One change that an apply would make, or made. */
type Change = {
  readonly kind: "create" | "change" | "remove" | "keep";
  readonly what: "line" | "source" | "rule" | "secret" | "credential";
  readonly name: string;
  readonly fields?: readonly FieldChange[];
};

/**
 * A secret of a rotation that an apply leaves as it is:
 *
 * - `added`: the rotation added it, and the file does not name it yet. It verifies.
 * - `ending`: the rotation gave it an end, and the file has not named the new secret before. It verifies until `at`.
 * - `ended`: the rotation ended it at `at`. The file names it, and it is not added again.
 */
export type LeftSecret = {
  readonly source: string;
  readonly id: string | null;
  readonly env: string | null;
  readonly why: "added" | "ending" | "ended";
  readonly at: number | null;
};

/** A wanted secret: sealed already, or one that is stored. */
export type WantedSecret =
  | {
      readonly kind: "value";
      readonly env: string | null;
      readonly sealed: string;
      readonly kid: string;
      readonly fingerprint: string;
      /** `null`: nothing is to be said against it. */
      readonly weak: WeakSecret | null;
    }
  | { readonly kind: "env"; readonly env: string }
  | { readonly kind: "id"; readonly id: string };

/** `path`: its place in the document. */
export type WantedRule = { readonly name: string; readonly definition: RuleDefinition; readonly path: Path };

/** A source that is wanted. Secrets and rules that are `null` stay as they are; a list replaces all. */
export type WantedSource = {
  readonly slug: string;
  /** `null`: it has mistakes. Its other parts are checked all the same, and nothing is written. */
  readonly source: SourceSettings | null;
  readonly secrets: readonly WantedSecret[] | null;
  /** The secrets come from a file, which may be older than a rotation: it brings none back that a rotation ended. */
  readonly isFile: boolean;
  /** Credential of the sender's API, and the only address that it is for. Absent: the stored one for this address; `null`: none. */
  readonly credential?: WantedSecret | null;
  readonly baseUrl?: string | null;
  readonly rules: readonly WantedRule[] | null;
  /** Its place in the document. */
  readonly path: Path;
};

/** `lineNames`: every line that the document names, those with mistakes too. */
export type WantedConfig = {
  readonly lines: readonly LineSettings[];
  readonly lineNames: readonly string[];
  readonly sources: readonly WantedSource[];
};

/** The changes and writes of one apply, and the secrets of rotations that it leaves. With mistakes nothing is written. */
export type ConfigPlan = {
  readonly changes: Change[];
  readonly writes: ConfigWrite[];
  readonly mistakes: Mistake[];
  /** Allowed, and worth a second look. */
  readonly warnings: Mistake[];
  readonly left: LeftSecret[];
  /** Rules that are saved as they are stored: no write says so, and calls that they ring no more may wait. */
  readonly savedAgain: SavedRule[];
  /** Sources whose rules the document lists in full, so that a rule that is missing in it is removed, if it was not before. */
  readonly listedInFull: string[];
};

type SavedRule = { readonly source: string; readonly name: string; readonly definition: RuleDefinition };

/** Names of the records that a source can fetch. */
export type Fetchables = (source: SourceSettings) => readonly string[];

export function emptyPlan(): ConfigPlan {
  return { changes: [], writes: [], mistakes: [], warnings: [], left: [], savedAgain: [], listedInFull: [] };
}

export function noteUnchanged(plan: ConfigPlan, what: Change["what"], name: string): void {
  plan.changes.push({ kind: "keep", what, name });
}

/** The name of a stored secret or credential in a change: its environment variable, or its id. */
export function secretName(source: string, { env, id }: { readonly env: string | null; readonly id: string }): string {
  return `${source}/${env ?? id}`;
}
