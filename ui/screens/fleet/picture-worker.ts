/** The worker that makes the picture of the fleet: what a person does on the page is answered at once, however large the fleet is. */
import type { FromPictureWorker, ToPictureWorker } from "./picture-messages.ts";
import { PictureReader } from "./picture-reader.ts";

/** What a worker has of the platform, and a page has not. */
interface WorkerScope {
  readonly fonts: FontFaceSet;
  onmessage: (event: MessageEvent<ToPictureWorker>) => void;
  postMessage(message: FromPictureWorker, transfer: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;
const FLUSH_MS = 16;

const reader = new PictureReader({
  tell: (message, transfer) => scope.postMessage(message, transfer),
  load: async ({ family, source, weight }) => void scope.fonts.add(await new FontFace(family, source, { weight }).load()),
  schedule: (flush) => setTimeout(flush, FLUSH_MS),
  clock: () => Date.now(),
});
scope.onmessage = ({ data }) => reader.hear(data);
