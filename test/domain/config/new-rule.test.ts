/** Mistakes that are rejected when a rule is saved, while a rule that was saved earlier still runs. */
import { describe, expect, it } from "vitest";
import { checkRule } from "../../../src/domain/config/check.ts";
import { rule } from "../scene.ts";

describe("a rule's zone is refused when it is saved", () => {
  it.each([
    ["BST", "write a place, such as America/New_York"],
    ["UTC", "write a place, such as America/New_York"],
    ["+02:00", "write a place, such as America/New_York"],
    ["Mars/Olympus", "write a place, such as America/New_York"],
  ])("%s", (zone, advice) => {
    expect(checkRule("r", { ...rule, zone }, ["rules", 0])).toEqual([
      { path: ["rules", 0, "zone"], reason: expect.stringContaining(advice) },
    ]);
  });

  it.each(["Europe/London", "{{ data.tz }}", '{{ data.tz | default: "BST" }}', "Eastern Time (US & Canada)"])(
    "but not %s",
    (zone) => {
      expect(checkRule("r", { ...rule, zone }, [])).toEqual([]);
    },
  );
});
