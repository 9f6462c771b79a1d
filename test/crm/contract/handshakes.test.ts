import { describe, expect, test } from "vitest";
import { presets } from "../../../src/crm/presets/index.ts";
import { fixtures } from "../fixtures/index.ts";
import { nowMs } from "../requests.ts";
import { testWhere } from "../where.ts";
import { chosenBy, crmWebhooks, requestBy, requestFrom, sourceAddress, sourceOf } from "./scene.ts";

const asked = fixtures.flatMap(({ handshakes, ...fixture }) =>
  (handshakes ?? []).map((handshake) => ({ name: `${fixture.preset} ${fixture.scheme}`, fixture, handshake })),
);

test("every scheme that is asked something at its set-up has a fixture that asks it", () => {
  const wanted = [...presets.values()].flatMap(({ name, schemes }) =>
    schemes.flatMap((scheme) => (scheme.handshakes ?? []).map(() => `${name} ${scheme.name}`)),
  );
  expect(asked.map(({ name }) => name).sort()).toEqual(wanted.sort());
});

describe.each(asked)("$name: $handshake.about", ({ fixture, handshake }) => {
  const [scheme] = chosenBy(fixture).scheme.handshakes ?? [];
  const isSigned = scheme !== undefined && "signed" in scheme && scheme.signed;
  const sentWith = (secret: string) =>
    requestFrom(handshake.sent({ secret, at: nowMs, url: requestBy(fixture).url ?? sourceAddress }));
  const own = sentWith(fixture.secret ?? "");

  test("is answered as the sender wants it", async () => {
    const source = await sourceOf(fixture, handshake.fresh === true ? { secrets: [] } : {});
    const answered = await crmWebhooks.handshake(source, own, nowMs);
    expect(answered).toMatchObject({ answer: { status: handshake.answer.status, body: handshake.answer.body } });
    if (handshake.answer.headers !== undefined)
      expect(answered).toMatchObject({ answer: { headers: handshake.answer.headers } });
  });

  testWhere(isSigned)("is refused with another secret, and where the source has none", async () => {
    const stranger = sentWith(fixture.otherSecret);
    expect(await crmWebhooks.handshake(await sourceOf(fixture), stranger, nowMs)).toMatchObject({ kind: "refused" });
    const none = await sourceOf(fixture, { secrets: [] });
    expect(await crmWebhooks.handshake(none, own, nowMs)).toMatchObject({ kind: "refused" });
  });

  testWhere(isSigned)("needs no account: it is no event", async () => {
    const other = await sourceOf(fixture, { tenant: fixture.otherTenant ?? "another" });
    expect(await crmWebhooks.handshake(other, own, nowMs)).toMatchObject({ kind: "answer" });
  });

  testWhere(!isSigned && handshake.fresh !== true)("is answered alike whatever the source's secrets are", async () => {
    const answers = [];
    for (const secrets of [[], [{ id: "s1", value: "any secret whatever" }]])
      answers.push(await crmWebhooks.handshake(await sourceOf(fixture, { secrets }), own, nowMs));
    expect(answers[0]).toEqual(answers[1]);
  });

  testWhere(handshake.fresh === true)("takes no secret where the source has one", async () => {
    const refused = await crmWebhooks.handshake(await sourceOf(fixture), sentWith(fixture.otherSecret), nowMs);
    expect(refused).toMatchObject({ kind: "refused" });
  });
});

test.each(fixtures.map((fixture) => ({ name: `${fixture.preset} ${fixture.scheme}`, fixture })))(
  "an event of $name is no handshake",
  async ({ fixture }) => {
    expect(await crmWebhooks.handshake(await sourceOf(fixture), requestBy(fixture), nowMs)).toBeNull();
  },
);
