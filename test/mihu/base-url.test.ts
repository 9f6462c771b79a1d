import { expect, test } from "vitest";
import { apiBaseUrl } from "../../src/mihu/base-url.ts";

test.each([
  ["https://acme.mihu.ai", "https://acme.mihu.ai/api/v1"],
  ["https://acme.mihu.ai/", "https://acme.mihu.ai/api/v1"],
  ["https://acme.mihu.ai/api/v1", "https://acme.mihu.ai/api/v1"],
  ["https://acme.mihu.ai/api/v1//", "https://acme.mihu.ai/api/v1"],
  ["http://127.0.0.1:4010", "http://127.0.0.1:4010/api/v1"],
  ["https://proxy.example/mihu/", "https://proxy.example/mihu/api/v1"],
])("%s is asked at %s.", (configured, base) => {
  expect(apiBaseUrl(configured)).toBe(base);
});

test.each([
  "",
  "acme.mihu.ai",
  "ftp://hush.example",
  "https://u:hush@acme.mihu.ai",
  "https://acme.mihu.ai?hush=1",
  "https://a.example/#hush",
])("%j is refused, and not repeated.", (configured) => {
  expect(() => apiBaseUrl(configured)).toThrow("Mihu base URL");
  expect(() => apiBaseUrl(configured)).not.toThrow("hush");
});
