/** The greeted link, as telemetry and policy use it. */
export interface Wire {
  sendText(message: string): void;
  sendBytes(bytes: Uint8Array): void;
  /** Bytes written and not yet taken by the network. */
  readonly buffered: number;
}

/** More waiting than this: samples stay in the ring and follow as back-fill. */
export const BUSY_BYTES = 256 * 1024;
