/**
 * A text as it is run: the tree that parse.ts makes of liquidjs' tokens, and render.ts walks.
 *
 * Types only. Only what is named here can happen in a text.
 */
import type { FilterName } from "./filters.ts";

/**
 * The use of a text, which decides caps and the meaning of a missing value. `value`: a key, record id or order number, as it was sent.
 * `number`: a number, country or zone: as `value`, with its HTML entities decoded, because `&#43;` is a plus.
 * `path`: the path of a GET, in which each value must be a plain id.
 */
export type TextUse = "about" | "prompt" | "greeting" | "value" | "number" | "path";

export type Root = "event" | "data" | "record";

export type Operator = "==" | "!=" | ">" | "<" | ">=" | "<=" | "contains" | "and" | "or";

/** `nil` is a literal with the value null; `empty` and `blank` compare, and print nothing. */
type Literal = { readonly kind: "literal"; readonly value: string | number | boolean | null };
type Emptiness = { readonly kind: "emptiness"; readonly blank: boolean };

/** A field, or a name that `assign` or `for` gave. The path is `null` where no field stands behind it (`forloop.index`). */
export type Access = {
  readonly kind: "access";
  readonly root: { readonly field: Root } | { readonly local: string };
  readonly keys: readonly (string | number | Access)[];
  readonly path: string | null;
};

export type Operation = {
  readonly kind: "operation";
  readonly operator: Operator;
  readonly left: Expression;
  readonly right: Expression;
};
type Negation = { readonly kind: "not"; readonly operand: Expression };
export type Expression = Literal | Emptiness | Access | Operation | Negation;

export type FilterCall = { readonly name: FilterName; readonly args: readonly Expression[] };

/** An expression and its filters. */
export type Value = {
  readonly initial: Expression;
  readonly filters: readonly FilterCall[];
  /** The first field that it reads. */
  readonly path: string | null;
};

export type Branch = { readonly when: Value; readonly negated: boolean; readonly body: readonly Node[] };

export type Node =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "output"; readonly value: Value }
  | { readonly kind: "assign"; readonly name: string; readonly value: Value }
  | { readonly kind: "if"; readonly branches: readonly Branch[]; readonly otherwise: readonly Node[] }
  | {
      readonly kind: "case";
      readonly subject: Value;
      readonly branches: readonly { readonly values: readonly Expression[]; readonly body: readonly Node[] }[];
      readonly otherwise: readonly Node[];
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly list: Expression;
      readonly path: string | null;
      readonly limit: Expression | null;
      readonly offset: Expression | null;
      readonly reversed: boolean;
      readonly body: readonly Node[];
      /** `null` without `{% else %}`: then a list that is missing is a missing value. */
      readonly otherwise: readonly Node[] | null;
    }
  | { readonly kind: "break" }
  | { readonly kind: "continue" };

/** A compiled text. */
export type Text = {
  readonly use: TextUse;
  readonly nodes: readonly Node[];
  /** The fields that it reads, in the order of its source. */
  readonly paths: readonly string[];
};
