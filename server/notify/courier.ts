/** Takes one delivery to its sink: opens what is sealed, says the message in the sink's way, signs it, sends it. */
import type { SealedBox } from "../sealed-box.ts";
import type { Sink } from "../store/notify-store.ts";
import { bodyFor } from "./bodies.ts";
import type { Message } from "./message.ts";
import { post, type Posted, type PostOptions } from "./post.ts";
import { DELIVERY_HEADER, signature, SIGNATURE_HEADER } from "./signature.ts";

export interface CourierOptions extends PostOptions {
  readonly box: SealedBox;
  /** Origin of the console, for links. */
  readonly publicUrl: string;
}

export type Courier = (sink: Sink, delivery: { readonly id: string; readonly message: string }) => Promise<Posted>;

export function createCourier({ box, publicUrl, ...options }: CourierOptions): Courier {
  const { clock } = options;

  function secretsOf({ secret, previousSecret, previousUntil }: Sink): string[] {
    const old = previousUntil !== null && previousUntil > clock.now() ? previousSecret : null;
    return [secret, old].flatMap((sealed) => (sealed === null ? [] : (box.open(sealed) ?? [])));
  }

  return async (sink, { id, message }) => {
    const address = box.open(sink.url);
    const secrets = secretsOf(sink);
    if (address === null || !URL.canParse(address) || (sink.secret !== null && secrets.length === 0))
      return { ok: false, code: null, answer: null, error: UNREADABLE, retryAfterMs: null, tookMs: 0 };
    const body = bodyFor(sink.kind, { deliveryId: id, message: JSON.parse(message) as Message, publicUrl, dropped: sink.droppedUntold });
    const headers = {
      [DELIVERY_HEADER]: id,
      ...(secrets.length === 0 ? {} : { [SIGNATURE_HEADER]: signature(body, clock.now(), secrets) }),
    };
    return post({ url: new URL(address), headers, body }, options);
  };
}

const UNREADABLE = "the stored address cannot be opened with this console's secret file; put that file back, or enter the address again";
