import { expect, test } from "vitest";
import { utf8 } from "../../../src/platform/bytes.ts";
import { fillTemplate, parseTemplate } from "../../../src/platform/signature/template.ts";

const fill = (text: string) =>
  new TextDecoder().decode(
    fillTemplate(parseTemplate(text, ["body", "time"]), (token) => utf8(token === "body" ? "{time}é" : "17")),
  );

test.each<[string, string, string]>([
  ["nothing", "", ""],
  ["text alone", "v0:", "v0:"],
  ["a token alone", "{time}", "17"],
  ["text around tokens", "v0:{time}:{body}!", "v0:17:{time}é!"],
  ["a token twice", "{time}.{time}", "17.17"],
  ["a name that is no token of the scheme", "{id}{time}", "{id}17"],
  ["braces that are not closed", "{body", "{body"],
])("A template of %s is filled once, and what fills it is no template.", (_what, text, filled) => {
  expect(fill(text)).toBe(filled);
});

test("A body that is signed alone is not copied.", () => {
  const body = new Uint8Array(3);
  expect(fillTemplate(parseTemplate("{body}", ["body"]), () => body)).toBe(body);
});
