/**
 * A compiled text: the tree that parse.ts builds and render.ts executes. Types only. A text can do only what is defined
 * here.
 */
import type { FilterName } from "./filters.ts";

/**
 * Use of a text. It decides limits and the meaning of a missing value.
 *
 * - `value`: a key, record id or order number, as sent.
 * - `number`: a phone number, country or zone. As `value`, with HTML entities decoded, because `&#43;` is a plus.
 * - `path`: the path of a GET. Each value in it must be a plain id.
 */
export type TextUse = "about" | "prompt" | "greeting" | "value" | "number" | "path";

export type Root = "event" | "data" | "record";

export type Operator = "==" | "!=" | ">" | "<" | ">=" | "<=" | "contains" | "and" | "or";

/** `nil` is a literal with the value null; `empty` and `blank` can be compared and print nothing. */
type Literal = { readonly kind: "literal"; readonly value: string | number | boolean | null };
type Emptiness = { readonly kind: "emptiness"; readonly blank: boolean };

/** A field, or a name defined by `assign` or `for`. The path is null if no field is behind it (`forloop.index`). */
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
      /** `null` without `{% else %}`: a missing list is then a missing value. */
      readonly otherwise: readonly Node[] | null;
    }
  | { readonly kind: "break" }
  | { readonly kind: "continue" };

/** A compiled text. */
export type Text = {
  readonly use: TextUse;
  readonly nodes: readonly Node[];
  /** Fields that it reads, in source order. */
  readonly paths: readonly string[];
};
