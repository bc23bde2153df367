import { PART_HOST } from "../../../../agent/src/resilience/home.ts";
import type { Part, PartHost } from "../../../../agent/src/resilience/part.ts";

/** An agent that keeps the parts it is given and what they tell. */
export class FakeAgent {
  readonly parts: Part[] = [];
  readonly told: { type: string; data: Record<string, unknown> }[] = [];
  readonly [PART_HOST]: PartHost = {
    attach: (part) => {
      this.parts.push(part);
      part.tell = (type, data) => void this.told.push({ type, data });
      return () => this.parts.splice(this.parts.indexOf(part), 1);
    },
  };

  part(kind: string, policy?: string): Part {
    const found = this.parts.find((part) => part.kind === kind && (policy === undefined || part.steering?.policy === policy));
    if (found === undefined) throw new Error(`no ${kind}`);
    return found;
  }

  read(kind: string): Record<string, number | null | undefined> {
    return (this.parts.find((part) => part.kind === kind && part.steering?.policy === kind) ?? this.part(kind)).read();
  }

  /** As the console would. */
  settings(policy: string, values: Record<string, number | boolean | string>): void {
    const part = this.parts.find(({ steering }) => steering?.policy === policy);
    part?.steering?.settings([{ revision: 7, values }]);
  }
}
