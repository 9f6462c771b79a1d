import { expect, test } from "vitest";
import { createPages } from "../../src/pages/app.tsx";
import { pageRows, signRoutes } from "./table.ts";

/** Every route that the app has, as `GET /path`. */
function routesOfPages(): string[] {
  const app = createPages(() => {
    throw new Error("the table opens no page");
  });
  return [
    ...new Set(app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`)),
  ].sort();
}

test("Every route of the pages stands in the authorisation table, which the tests in a browser walk.", () => {
  expect([...Object.keys(pageRows), ...signRoutes].sort()).toEqual(routesOfPages());
});
