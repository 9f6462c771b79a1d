/**
 * The canonical string of a request: the bytes that its sender signed.
 *
 * Refused: silent normalisation. `{body}` is the bytes that arrived, or the inflated ones if the recipe says so. Both
 * are never tried.
 *
 * Not guaranteed: anything that the template leaves out (RFC 9421, section 7.2.1). In a sorted form, the order and the
 * repetition of fields are not covered either.
 */

import type { WebhookRequest } from "../../domain/events/webhook.ts";
import { encodeBase64, utf8 } from "../../platform/bytes.ts";
import { fillTemplate, parseTemplate, type Template } from "../../platform/signature/template.ts";
import type { BodyRules } from "../preset/body-rules.ts";
import type { Chosen } from "../preset/chosen-scheme.ts";
import { type Templated, templateTokens } from "../preset/recipe.ts";
import { inflatedBody } from "./inflate.ts";

/** The parts of a scheme that determine how much of a body is signed. */
type Covering = Pick<Chosen, "recipe" | "body">;

type Token = (typeof templateTokens)[number];

/** Values of a template's tokens, apart from the body's. A token that the template does not use is `""`. */
export type TokenValues = {
  readonly timestamp: string;
  readonly id: string;
  readonly url: string;
  /** Plain hashes only. */
  readonly secret: string;
};

/** Parsed templates, by recipe. */
const compiled = new WeakMap<Templated, Template<Token>>();

/** @returns Whether the recipe's template contains the token. */
export function signs(recipe: Templated, name: Token): boolean {
  return recipe.template.includes(`{${name}}`);
}

/**
 * @param values Token values of this request.
 * @returns The exact bytes that a genuine sender signed.
 */
export function signedBytes(recipe: Templated, request: WebhookRequest, values: TokenValues): Uint8Array {
  const covers = recipe.covers ?? "raw";
  return fillTemplate(compiledOf(recipe), (token) => tokenBytes(token, request, values, covers));
}

/**
 * The signed part of a body as text, for dedupe keys. An unsigned header cannot change it.
 *
 * @returns The body's text; base64 if its bytes are not UTF-8; the sorted fields if the signature covers a sorted form,
 *   because its fields can be reordered under the same signature.
 */
export function signedText({ recipe, body: { signs: covers } }: Covering, request: WebhookRequest): string {
  const isForm = "template" in recipe && signs(recipe, "form") && !signs(recipe, "body");
  const bytes = coveredBytes(request, covers);
  if (isForm) return sortedForm(bytes);
  const text = new TextDecoder().decode(bytes);
  return text.includes("\ufffd") ? encodeBase64(bytes) : text;
}

/**
 * @returns The bytes for `{body}`. If inflating fails, the raw bytes are returned, and no signature over inflated bytes
 *   verifies.
 */
function coveredBytes(request: WebhookRequest, covers: BodyRules["signs"]): Uint8Array {
  if (covers !== "inflated") return request.body;
  const inflated = inflatedBody(request, covers);
  return inflated.ok ? inflated.bytes : request.body;
}

function compiledOf(recipe: Templated): Template<Token> {
  const known = compiled.get(recipe);
  if (known !== undefined) return known;
  const made = parseTemplate(recipe.template, templateTokens);
  compiled.set(recipe, made);
  return made;
}

function tokenBytes(name: Token, request: WebhookRequest, values: TokenValues, covers: BodyRules["signs"]): Uint8Array {
  switch (name) {
    case "body":
      return coveredBytes(request, covers);
    case "form":
      return utf8(sortedForm(coveredBytes(request, covers)));
    case "method":
      return utf8(request.method);
    default:
      return utf8(values[name]);
  }
}

/**
 * Concatenates a form's names and values, sorted by name. Values of one name are sorted too, and a repeated value
 * counts once.
 */
function sortedForm(body: Uint8Array): string {
  const fields = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body))) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, new Set([value]));
    else values.add(value);
  }
  return [...fields.keys()]
    .sort()
    .map((name) =>
      [...(fields.get(name) ?? [])]
        .sort()
        .map((value) => name + value)
        .join(""),
    )
    .join("");
}
