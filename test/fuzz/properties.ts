/** All that must hold for every input: `npm test` runs a seeded thousand of them, `npm run fuzz` as many as wanted. */
import { doctorProperties } from "./doctor.ts";
import { doorProperties } from "./door.ts";
import { numberProperties } from "./numbers.ts";
import { planningProperties } from "./planning.ts";
import type { Property } from "./property.ts";
import { readingProperties } from "./reading.ts";
import { sayingProperties } from "./saying.ts";
import { signers } from "./subjects.ts";
import { unsignedProperties } from "./unsigned.ts";
import { verifyingProperties } from "./verifying.ts";

export async function allProperties(): Promise<readonly Property[]> {
  return [
    ...readingProperties,
    ...unsignedProperties,
    ...verifyingProperties(await signers()),
    ...planningProperties,
    ...numberProperties,
    ...sayingProperties,
    ...(await doorProperties()),
    ...(await doctorProperties()),
  ];
}
