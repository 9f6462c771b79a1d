import { expect, test } from "vitest";
import { routesOfPages } from "./routes.ts";
import { pageRows, signRoutes } from "./table.ts";

test("Every route of the pages stands in the authorisation table, which the tests in a browser walk.", () => {
  expect([...Object.keys(pageRows), ...signRoutes].sort()).toEqual(routesOfPages());
});
