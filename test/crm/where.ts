import { describe, test } from "vitest";

type Body = () => void | Promise<void>;

/** A test that is there only where it applies: what a sender does not do is not a test that was left out. */
export function testWhere(applies: boolean): (name: string, body: Body) => void {
  return (name, body) => {
    if (applies) test(name, body);
  };
}

/** The same for a group of tests. */
export function describeWhere(applies: boolean): (name: string, body: () => void) => void {
  return (name, body) => {
    if (applies) describe(name, body);
  };
}
