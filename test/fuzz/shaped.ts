/** Bodies with something at just the paths that a scheme looks at: made-up ones seldom have an id. */
import fc, { type Arbitrary } from "fast-check";
import { hostileText, jsonAtom, jsonTree } from "./hostile.ts";
import type { Subject } from "./subjects.ts";

type Node = string | Map<string, Node>;

const telling = fc.oneof(
  { weight: 4, arbitrary: jsonAtom },
  { weight: 1, arbitrary: jsonTree },
  { weight: 2, arbitrary: fc.constantFrom('"evt-1"', "7", "1793631845", '"2026-11-02T15:04:05Z"', '"order.created"') },
);

/** @returns JSON texts in which any of the subject's paths holds anything, as one event or as a batch of them */
export function shapedJson(subject: Subject): Arbitrary<string> {
  const element = fieldsOf(subject.paths);
  const { split, shared = [], elementAs } = subject.reading;
  const items = fc.array(
    elementAs === undefined
      ? fc.oneof({ weight: 5, arbitrary: element.map(written) }, { weight: 1, arbitrary: jsonTree })
      : telling,
    { maxLength: 4 },
  );
  if (split === ".")
    return fc.oneof(
      items.map((texts) => `[${texts.join(",")}]`),
      element.map(written),
    );
  if (split === "") return element.map(written);
  return fc.tuple(fieldsOf([...subject.paths, ...shared]), items).map(([around, texts]) => {
    put(around, split.split("."), `[${texts.join(",")}]`);
    return written(around);
  });
}

/** The same as a form: one level of brackets for each step. */
export function shapedForm(subject: Subject): Arbitrary<string> {
  const field = fc.tuple(fc.constantFrom("id", ...subject.paths), hostileText).map(([path, text]) => {
    const [head = "", ...steps] = path.split(".");
    return `${head}${steps.map((step) => `[${step}]`).join("")}=${encodeURIComponent(text.toWellFormed())}`;
  });
  return fc.array(field, { maxLength: 8 }).map((fields) => fields.join("&"));
}

/** The same as XML, the batch's elements repeated. */
export function shapedXml(subject: Subject): Arbitrary<string> {
  const leaf = fc
    .tuple(fc.constantFrom("Id", ...subject.paths), hostileText)
    .map(([path, text]) => wrapped(path, `<![CDATA[${text.replaceAll("]]>", "")}]]>`));
  const element = fc.array(leaf, { maxLength: 4 }).map((leaves) => leaves.join(""));
  const { split } = subject.reading;
  if (split === "" || split === ".") return element.map((inner) => `<Event>${inner}</Event>`);
  const steps = split.split(".");
  const last = steps.pop() ?? "Item";
  return fc.array(element, { maxLength: 4 }).map((elements) => {
    const inner = elements.map((one) => `<${last}>${one}</${last}>`).join("");
    return steps.length === 0 ? `<Event>${inner}</Event>` : wrapped(steps.join("."), inner);
  });
}

function fieldsOf(paths: readonly string[]): Arbitrary<Map<string, Node>> {
  const some = fc.subarray([...new Set(["id", "type", ...paths])]);
  return fc.tuple(some, fc.infiniteStream(telling)).map(([chosen, values]) => {
    const root = new Map<string, Node>();
    for (const path of chosen) if (path !== "") put(root, path.split("."), values.next().value ?? "null");
    return root;
  });
}

function put(root: Map<string, Node>, steps: readonly string[], text: string): void {
  let here = root;
  for (const step of steps.slice(0, -1)) {
    const next = here.get(step);
    const inner = next instanceof Map ? next : new Map<string, Node>();
    here.set(step, inner);
    here = inner;
  }
  here.set(steps.at(-1) ?? "", text);
}

function written(node: Node): string {
  if (typeof node === "string") return node;
  const fields = [...node];
  // `events.*.id` and `events.0.id` are of an array.
  if (fields.length > 0 && fields.every(([step]) => step === "*" || step === "0"))
    return `[${fields.map(([, inner]) => written(inner)).join(",")}]`;
  return `{${fields.map(([step, inner]) => `${JSON.stringify(step)}:${written(inner)}`).join(",")}}`;
}

function wrapped(path: string, inner: string): string {
  const steps = path.split(".").map((step) => step.replace(/[^A-Za-z]/g, "") || "x");
  return `${steps.map((step) => `<${step}>`).join("")}${inner}${steps
    .toReversed()
    .map((step) => `</${step}>`)
    .join("")}`;
}
