/**
 * Reads the live state beside the page, word by word, and makes the picture of the fleet when it is asked for. What it stands in, a worker, is not known
 * here.
 */
import type { InstanceState } from "../../../core/fleet.ts";
import type { LiveDown } from "../../../protocol/live.ts";
import { LiveStore } from "../../live/live-store.ts";
import { sampleBefore, type SlotValues } from "../../live/rates.ts";
import { FleetPicture, type PictureLook } from "./fleet-picture.ts";
import type { Members } from "./grid-layout.ts";
import type { Face, FromPictureWorker, ToPictureWorker } from "./picture-messages.ts";
import { samplesFrom } from "./stored-samples.ts";

export interface PictureReaderOptions {
  readonly tell: (message: FromPictureWorker, transfer: Transferable[]) => void;
  /** Resolves when a typeface can be drawn with; a page's fall-back stays where it rejects. */
  readonly load: (face: Face) => Promise<void>;
  /** Calls back once, soon. */
  readonly schedule: (flush: () => void) => void;
  readonly clock: () => number;
}

type Values = Extract<LiveDown, { t: "delta" }>["instances"][number];

export class PictureReader {
  readonly #options: PictureReaderOptions;
  readonly #store: LiveStore;
  readonly #picture: FleetPicture;
  readonly #faces = new Set<string>();
  #look: PictureLook | null = null;
  #told: readonly Members[] | null = null;

  constructor(options: PictureReaderOptions) {
    this.#options = options;
    this.#store = new LiveStore(options);
    this.#picture = new FleetPicture(this.#store);
    this.#store.subscribe("states", () => this.#moved());
  }

  hear(message: ToPictureWorker): void {
    switch (message.t) {
      case "words":
        for (const text of message.texts) this.#store.receive(JSON.parse(text) as LiveDown);
        return;
      case "pause":
        this.#store.pause();
        return;
      case "resume":
        this.#store.resume();
        return;
      case "catch-up":
        this.#options.tell({ t: "caught-up", question: message.question, values: this.#values() }, []);
        return;
      case "look":
        this.#look = message.look;
        for (const face of message.faces) this.#load(face);
        return;
      case "backfill":
        for (const [key, samples] of samplesFrom(message.answer, this.#store.fleet)) this.#store.backfill(key, samples);
        this.#picture.refill();
        return;
      case "make":
        this.#make(message);
        return;
    }
  }

  #make({ request, frame }: Extract<ToPictureWorker, { t: "make" }>): void {
    const words = this.#picture.read(request);
    const { members } = this.#picture;
    const bitmap = this.#look && frame ? this.#picture.draw(frame, this.#look) : null;
    const drawn = bitmap && frame ? { bitmap, frame } : null;
    this.#options.tell({ t: "picture", words, members: members === this.#told ? null : members, drawn }, bitmap ? [bitmap] : []);
    this.#told = members;
  }

  /** Every value as it is, and as it was just before, so that rates are known; as two words of the console would tell them. */
  #values(): readonly LiveDown[] {
    const { now } = this.#store.connection;
    const before: Values[] = [];
    const last: Values[] = [];
    for (const instance of this.#store.instances) {
      const { key, lastFrameAt, row } = instance;
      if (lastFrameAt === null) continue;
      const earlier = sampleBefore(this.#store.ring(key).samples);
      if (earlier) before.push({ key, at: earlier.at, slots: slotsOf(instance, earlier.row) });
      last.push({ key, at: lastFrameAt, slots: slotsOf(instance, row) });
    }
    return [
      { t: "delta", now, instances: before },
      { t: "delta", now, instances: last },
    ];
  }

  #load(face: Face): void {
    const id = `${face.family} ${face.weight} ${face.source}`;
    if (this.#faces.has(id)) return;
    this.#faces.add(id);
    this.#options.load(face).then(
      () => this.#moved(),
      () => undefined,
    );
  }

  #moved(): void {
    this.#options.tell({ t: "moved" }, []);
  }
}

function slotsOf({ row }: InstanceState, values: SlotValues): number[] {
  const slots: number[] = [];
  for (let slot = 0; slot < row.length; slot++) slots.push(slot, values.at(slot) ?? 0);
  return slots;
}
