/** The wanted configuration, and the plan of changes that lead to it. */
import type { Mistake, RuleDefinition } from "../rules/rule.ts";
import type { Path } from "./check.ts";
import type { FieldChange } from "./compare.ts";
import type { WeakSecret } from "./secret-strength.ts";
import type { ConfigWrite, LineSettings, SourceSettings } from "./stored.ts";

/** One change of an apply, planned or made. */
export type Change = {
  readonly kind: "create" | "change" | "remove" | "keep";
  readonly what: "line" | "source" | "rule" | "secret" | "credential" | "hook";
  readonly name: string;
  readonly fields?: readonly FieldChange[];
};

/**
 * A secret of a running rotation that an apply leaves unchanged.
 * - `added`: the rotation added it, and the file does not name it yet. It verifies.
 * - `ending`: the rotation gave it an end, and no file has named the new secret yet. It verifies until `at`.
 * - `ended`: the rotation ended it at `at`. The file still names it, and it is not added again.
 */
export type LeftSecret = {
  readonly source: string;
  readonly id: string | null;
  readonly env: string | null;
  readonly why: "added" | "ending" | "ended";
  readonly at: number | null;
};

/** A wanted secret: newly sealed, or already stored. */
export type WantedSecret =
  | {
      readonly kind: "value";
      readonly env: string | null;
      readonly sealed: string;
      readonly kid: string;
      readonly fingerprint: string;
      /** `null`: no weakness. */
      readonly weak: WeakSecret | null;
    }
  | { readonly kind: "env"; readonly env: string }
  | { readonly kind: "id"; readonly id: string };

/** `path`: its location in the document. */
export type WantedRule = { readonly name: string; readonly definition: RuleDefinition; readonly path: Path };

/** A wanted source. `null` for secrets or rules keeps the stored ones; a list replaces all of them. */
export type WantedSource = {
  readonly slug: string;
  /** `null`: it has mistakes. The other parts are still checked, and nothing is written. */
  readonly source: SourceSettings | null;
  readonly secrets: readonly WantedSecret[] | null;
  /**
   * Whether the secrets come from a file. A file may be older than a rotation, and does not bring back secrets that the
   * rotation ended.
   */
  readonly isFile: boolean;
  /**
   * Credential of the sender's API, and the only URL that it may be sent to. Absent: the stored one for this URL;
   * `null`: none.
   */
  readonly credential?: WantedSecret | null;
  readonly baseUrl?: string | null;
  readonly rules: readonly WantedRule[] | null;
  /** Its location in the document. */
  readonly path: Path;
};

/** `lineNames`: all lines of the document, including those with mistakes. */
export type WantedConfig = {
  readonly lines: readonly LineSettings[];
  readonly lineNames: readonly string[];
  readonly sources: readonly WantedSource[];
};

/** Changes and writes of one apply, and the rotation's secrets that it leaves. With mistakes nothing is written. */
export type ConfigPlan = {
  readonly changes: Change[];
  readonly writes: ConfigWrite[];
  readonly mistakes: Mistake[];
  /** Allowed, but worth checking. */
  readonly warnings: Mistake[];
  readonly left: LeftSecret[];
  /** Rules that are saved unchanged. They cause no write, but queued calls that they no longer ring are handled. */
  readonly savedAgain: SavedRule[];
  /** Sources whose rules the document lists completely. A stored rule that is missing in the list is removed. */
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

/** Name of a stored secret or credential in a change: its environment variable, or its id. */
export function secretName(source: string, { env, id }: { readonly env: string | null; readonly id: string }): string {
  return `${source}/${env ?? id}`;
}
