/** Two RSA key pairs shared by all fixtures, because making one takes a tenth of a second. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";

export type KeyPair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

const make = (): KeyPair => generateKeyPairSync("rsa", { modulusLength: 2_048 });

/** The source's own, and a stranger's. */
export const rsaKeys: readonly [KeyPair, KeyPair] = [make(), make()];
