"use client";
/** Keeps the worker that makes the picture of the fleet, from the first word of the console on, so that it has missed none. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { isNarrow } from "../../components/use-narrow.ts";
import { useLine, useLiveStore } from "../../live/live-provider.tsx";
import { PictureHost } from "./picture-host.ts";

const PictureContext = createContext<PictureHost | null>(null);

/** There is nothing to listen to. */
export const never = () => () => undefined;

/** Null where there is no worker: pictures are then made on the page. */
export function usePictureHost(): PictureHost | null {
  const host = useContext(PictureContext);
  const working = useSyncExternalStore(
    host?.subscribe ?? never,
    () => host?.working ?? false,
    () => false,
  );
  return working ? host : null;
}

export function PictureProvider({ children }: { readonly children: ReactNode }) {
  const store = useLiveStore();
  const { follower, again } = useLine();
  const [host] = useState(() => new PictureHost({ store, follower, again }));
  useEffect(() => {
    // A phone shows a list; its worker would read for nothing.
    if (isNarrow() || typeof Worker === "undefined" || typeof OffscreenCanvas === "undefined") return undefined;
    return host.start(new Worker(new URL("./picture-worker.ts", import.meta.url)));
  }, [host]);
  return <PictureContext value={host}>{children}</PictureContext>;
}
