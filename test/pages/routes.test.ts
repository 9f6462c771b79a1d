import { expect, test } from "vitest";
import { pageRows, routesOfPages, signRoutes } from "./table.ts";

test("Every route of the pages stands in the authorisation table, which the tests in a browser walk.", () => {
  expect([...Object.keys(pageRows), ...signRoutes].sort()).toEqual(routesOfPages());
});
