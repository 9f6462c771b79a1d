// `hookline hooks test`: a delivery with made-up data, and the receiver's answer to it.
import { CommandError, type Io } from "../command.ts";
import { callApi, read, refusal, type Service } from "../service.ts";
import { deliveryAnswer, followDelivery } from "./delivery.ts";
import { type Hook, stopText } from "./hook.ts";

/** @returns the exit code */
export async function testHook(io: Io, service: Service, hook: Hook): Promise<number> {
  if (hook.state !== "active") {
    throw new CommandError(`nothing is sent: ${stopText(hook)}`);
  }
  const answer = await callApi(service, "POST", `/v1/hooks/${hook.id}/test`);
  if (!answer.ok) throw refusal(answer);
  return await followDelivery(io, service, read(deliveryAnswer, answer.body).id, 0);
}
