import type { WebhookRequest } from "../../domain/events/webhook.ts";
import { utf8 } from "../../platform/bytes.ts";
import { fillTemplate, parseTemplate, type Template } from "../../platform/signature/template.ts";
import { type SignatureRecipe, type Templated, templateTokens } from "../preset/recipe.ts";

type Token = (typeof templateTokens)[number];

/** Values of a template's tokens, except those of the body. A token that the template does not name is `""`. */
export type TokenValues = {
  readonly timestamp: string;
  readonly id: string;
  readonly url: string;
  /** Plain hashes only. */
  readonly secret: string;
};

/** Parsed templates, by recipe. A recipe lives as long as its source's copy. */
const compiled = new WeakMap<Templated, Template<Token>>();

/** @returns Whether the recipe's template has this token. */
export function signs(recipe: Templated, name: Token): boolean {
  return recipe.template.includes(`{${name}}`);
}

/**
 * @param values Token values of this request.
 * @returns The exact bytes that the sender signed, if the request is genuine.
 */
export function signedBytes(recipe: Templated, request: WebhookRequest, values: TokenValues): Uint8Array {
  return fillTemplate(compiledOf(recipe), (token) => tokenBytes(token, request, values));
}

/**
 * @returns The part of a body that the signature covers: its text, or the sorted fields of a form. The fields of a form can be sent in
 *   another order under the same signature.
 */
export function signedText(recipe: SignatureRecipe, { body }: WebhookRequest): string {
  const isForm = "template" in recipe && signs(recipe, "form") && !signs(recipe, "body");
  return isForm ? sortedForm(body) : new TextDecoder().decode(body);
}

function compiledOf(recipe: Templated): Template<Token> {
  const known = compiled.get(recipe);
  if (known !== undefined) return known;
  const made = parseTemplate(recipe.template, templateTokens);
  compiled.set(recipe, made);
  return made;
}

function tokenBytes(name: Token, request: WebhookRequest, values: TokenValues): Uint8Array {
  switch (name) {
    case "body":
      return request.body;
    case "form":
      return utf8(sortedForm(request.body));
    case "method":
      return utf8(request.method);
    default:
      return utf8(values[name]);
  }
}

/** Names and values of a form-encoded body, sorted by name. Several values of one name are sorted, and a repeated value counts once. */
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
