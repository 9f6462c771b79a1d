import { CommandError, type Io } from "./command.ts";

/** The owner's address of the database. Throws one sentence when it is not given, or is none. */
export function ownerUrl(io: Io): string {
  const url = io.env.DATABASE_URL;
  if (!url) throw new CommandError("DATABASE_URL is not set: the direct address of Postgres, with the owner's role");
  if (!URL.canParse(url) || !/^postgres(?:ql)?:$/.test(new URL(url).protocol))
    throw new CommandError("DATABASE_URL is not an address such as postgres://user:password@host:5432/database");
  return url;
}

/** Runs a step; what Postgres says against it is told without the address, which holds a password. */
export async function sayingWhat<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${step}: ${words.replace(/:\/\/[^\s@]+@/g, "://…@")}`);
  }
}
