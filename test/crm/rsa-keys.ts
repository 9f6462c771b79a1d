/** Two RSA key pairs for every fixture that signs so: each takes a tenth of a second to make. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";

export type KeyPair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

const make = (): KeyPair => generateKeyPairSync("rsa", { modulusLength: 2_048 });

/** The source's own, and a stranger's. */
export const rsaKeys: readonly [KeyPair, KeyPair] = [make(), make()];
