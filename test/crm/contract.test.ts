import { describe, expect, test } from "vitest";
import { readEvents } from "../../src/crm/read.ts";
import { findPreset, presets } from "../../src/crm/registry.ts";
import { fullSettings } from "../../src/crm/settings.ts";
import { readJson } from "../../src/domain/json.ts";
import { fixtures, hmacFixtures, proofHeader, requestOf, verify, withHeader } from "./requests.ts";

test("every preset of the registry is under this contract", () => {
  expect(new Set(fixtures.map((fixture) => fixture.preset.name))).toEqual(new Set(presets.keys()));
  expect(findPreset("no-such-crm")).toBeNull();
});

describe.each(fixtures)("$name", (fixture) => {
  const good = requestOf(fixture);
  const proof = proofHeader(fixture);
  const missing = fixture.preset.name === "bearer" ? "secret_missing" : "signature_missing";
  const wrong = fixture.preset.name === "bearer" ? "secret_wrong" : "signature_wrong";
  /** The same request with its proof replaced, wherever it stands. */
  const present = (value: string | null) => (proof === null ? { ...good, key: value } : withHeader(good, proof, value));

  test("a right request is verified, and the secret that did it is named", async () => {
    expect(await verify(fixture, good)).toEqual({ ok: true, secretId: "s1" });
  });

  test("either of two active secrets verifies, so that a secret can be rotated", async () => {
    const secrets = [
      { id: "new", value: "another-secret" },
      { id: "old", value: fixture.secret },
    ];
    expect(await verify(fixture, good, secrets)).toEqual({ ok: true, secretId: "old" });
    expect(await verify(fixture, requestOf(fixture, "another-secret"), secrets)).toEqual({ ok: true, secretId: "new" });
  });

  test("a right request is right again and again", async () => {
    for (let i = 0; i < 3; i++) expect(await verify(fixture, good)).toMatchObject({ ok: true });
  });

  test("its event is read with the sender's id and type", async () => {
    const json = readJson(fixture.body);
    if (!json.ok) throw new Error("the sample is no JSON");
    const read = await readEvents({ ...fixture, request: good, json: json.value, text: fixture.body });
    expect(read).toMatchObject({
      ok: true,
      events: [
        { externalId: "evt-1", dedupeKey: "evt-1", type: "orders/updated", data: json.value, body: fixture.body },
      ],
    });
  });

  test("its event says whether the signature leaves its id to whoever sends the bytes again", async () => {
    const json = readJson(fixture.body);
    if (!json.ok) throw new Error("the sample is no JSON");
    const read = await readEvents({ ...fixture, request: good, json: json.value, text: fixture.body });
    const unsigned = fixture.preset.unsignedFields.includes("id");
    expect(read).toMatchObject({ events: [unsigned ? { idUnsigned: true } : {}] });
    if (!unsigned) expect(JSON.stringify(read)).not.toContain("idUnsigned");
    // How old such bytes are is said by the bytes, where they say it: a header is anybody's word.
    const { time } = fixture.preset.reading(fullSettings(fixture.preset, fixture.settings));
    const inBody = time.map((place) => !("header" in place));
    if (unsigned) expect(inBody).toEqual([...inBody].sort().reverse());
  });

  test.each([
    ["another secret", () => requestOf(fixture, "another-secret"), wrong],
    ["no proof", () => present(null), missing],
    ["an empty proof", () => present(""), missing],
  ])("%s is refused", async (_what, make, reason) => {
    expect(await verify(fixture, make())).toMatchObject({ ok: false, reason });
  });

  test.each([
    "N/A",
    "é".repeat(32),
    "%00",
    "0",
    "=",
    "sha256=",
    "undefined",
    "null",
    "[object Object]",
    "Bearer",
    "Bearer ",
    "Basic !!!!",
    "Basic AAAA",
    "x".repeat(100_000),
    "00".repeat(32),
    "A".repeat(43).concat("="),
  ])("a proof that says %j is refused", async (value) => {
    expect(await verify(fixture, present(value))).toMatchObject({ ok: false });
  });

  test("a proof that came twice is refused as doubled, and so is a right one beside a wrong one", async () => {
    if (proof === null) return;
    const right = good.headers[proof] ?? "";
    for (const value of [`${right}, ${right}`, `${right}, x`, `x, ${right}`, `${right},${right}`]) {
      const result = await verify(fixture, present(value));
      expect(result).toMatchObject({ ok: false });
      // "x, Bearer …" does not even begin with the scheme's name.
      if (value.startsWith(right)) expect(result).toMatchObject({ reason: "signature_doubled" });
    }
  });

  test("a source without a usable secret accepts nothing, not even an empty one", async () => {
    expect(await verify(fixture, good, [])).toMatchObject({ ok: false, reason: "no_secrets" });
    const empty = [{ id: "s0", value: "" }];
    expect(await verify(fixture, present(""), empty)).toMatchObject({ ok: false, reason: "no_secrets" });
    expect(await verify(fixture, good, empty)).toMatchObject({ ok: false, reason: "no_secrets" });
  });

  test("no refusal repeats the secret or what was presented", async () => {
    const stranger = "a-strangers-secret-value";
    for (const request of [requestOf(fixture, stranger), present(stranger), present(`${stranger}, ${stranger}`)]) {
      const said = JSON.stringify(await verify(fixture, request));
      expect(said).toContain('"ok":false');
      expect(said).not.toContain(stranger);
      expect(said).not.toContain(fixture.secret);
    }
  });

  test("every refusal has a sentence for the operator", async () => {
    const result = await verify(fixture, present(null));
    expect(result.ok ? "" : result.detail).toMatch(/^[A-Z].*\.$/);
  });
});

describe.each(hmacFixtures)("$name, signed", (fixture) => {
  const good = requestOf(fixture);
  const proof = proofHeader(fixture) ?? "";

  test.each([
    ["one byte more", `${fixture.body} `],
    ["one letter other", fixture.body.replace("a", "b")],
    ["no body", ""],
    ["the same JSON written otherwise", JSON.stringify(JSON.parse(fixture.body), null, 1)],
  ])("a body with %s is refused", async (_what, body) => {
    const tampered = { ...good, body: new TextEncoder().encode(body) };
    expect(await verify(fixture, tampered)).toMatchObject({ ok: false, reason: "signature_wrong" });
  });

  test("a signature with any one character changed is refused", async () => {
    const right = good.headers[proof] ?? "";
    for (let i = 0; i < right.length; i++) {
      const other = right[i] === "0" ? "1" : "0";
      const changed = right.slice(0, i) + other + right.slice(i + 1);
      expect(await verify(fixture, withHeader(good, proof, changed))).toMatchObject({ ok: false });
    }
  });

  test("a signature cut short or made longer is refused as malformed", async () => {
    const right = good.headers[proof] ?? "";
    for (const value of [
      right.slice(0, -1),
      right.slice(0, -2),
      right.slice(1),
      `${right}0`,
      `${right}00`,
      `${right}=`,
    ]) {
      const result = await verify(fixture, withHeader(good, proof, value));
      expect(result).toMatchObject({ ok: false, reason: "signature_malformed" });
    }
  });

  test("bytes that are no text and no JSON are verified as they are", async () => {
    const poison = ["\u0000", "\ud800", "[[[[", '{"__proto__":{"a":1}}', "9007199254740993", "x".repeat(1_048_576)];
    for (const body of poison) {
      const request = requestOf(fixture, fixture.secret, body);
      expect(await verify(fixture, request)).toMatchObject({ ok: true });
      const extended = new Uint8Array([...request.body, 0xff]);
      expect(await verify(fixture, { ...request, body: extended })).toMatchObject({ ok: false });
    }
  });
});
