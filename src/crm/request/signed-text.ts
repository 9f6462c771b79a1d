import type { WebhookRequest } from "../../domain/events/webhook.ts";
import { encodeBase64, utf8 } from "../../platform/bytes.ts";
import { fillTemplate, parseTemplate, type Template } from "../../platform/signature/template.ts";
import type { BodyRules } from "../preset/body-rules.ts";
import type { Chosen } from "../preset/chosen-scheme.ts";
import { type Templated, templateTokens } from "../preset/recipe.ts";
import { inflatedBody } from "./inflate.ts";

/** The parts of a scheme that say how much of a body a signature covers. */
type Covering = Pick<Chosen, "recipe" | "body">;

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
  const covers = recipe.covers ?? "raw";
  return fillTemplate(compiledOf(recipe), (token) => tokenBytes(token, request, values, covers));
}

/**
 * @returns A text of the part of a body that the signature covers, so that no header that it does not cover changes it: the body's text,
 *   its bytes in base64 where they are no UTF-8, or the sorted fields of a form. The fields of a form can be sent in another order
 *   under the same signature.
 */
export function signedText({ recipe, body: { signs: covers } }: Covering, request: WebhookRequest): string {
  const isForm = "template" in recipe && signs(recipe, "form") && !signs(recipe, "body");
  const bytes = coveredBytes(request, covers);
  if (isForm) return sortedForm(bytes);
  const text = new TextDecoder().decode(bytes);
  return text.includes("\ufffd") ? encodeBase64(bytes) : text;
}

/** The bytes of a body that `{body}` stands for. What cannot be inflated stays as it came, and verifies nothing that was signed inflated. */
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
