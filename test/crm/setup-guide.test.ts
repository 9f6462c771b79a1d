import { expect, test } from "vitest";
import { presets } from "../../src/crm/presets/index.ts";
import { presetGuide } from "../../src/crm/setup-guide.ts";

const address = "https://hooks.example";

test("The steps of every preset name an address that can be pasted once the source has a name, and no template", () => {
  const all = presetGuide.all(address);
  expect(all).toHaveLength(presets.size);
  let addresses = 0;
  for (const { name, steps } of all)
    for (const step of steps) {
      expect([name, step]).toEqual([name, expect.not.stringContaining("{url}")]);
      if (step.includes(`${address}/in/<source>`)) addresses++;
    }
  expect(addresses).toBeGreaterThan(presets.size / 2);
  for (const { name, steps } of all) expect(presetGuide.about(name, address)?.steps).toEqual(steps);
});

test("A preset whose sender can sign nothing shows where in the address its secret stands", () => {
  const inPath = presetGuide
    .all(address)
    .flatMap(({ steps }) => steps.filter((step) => step.includes("<source>/<secret>")));
  expect(inPath.length).toBeGreaterThan(0);
});

test("A name that no preset has is none", () => {
  for (const name of ["", "toString", "__proto__", "SHOPIFY", "shopify "])
    expect(presetGuide.about(name, address)).toBeNull();
});
