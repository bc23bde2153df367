"use client";
/** Changes of page that are under way. Whoever writes the address waits for them, because a written address ends them. */
import { usePathname, useRouter } from "next/navigation";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, useTransition, type ReactNode } from "react";
import { leadsElsewhere } from "./leads-elsewhere.ts";

interface Going {
  readonly underWay: boolean;
  /** To another page of the console. */
  readonly go: (href: string) => void;
}

/** A change of page that takes longer than this is thought to have come to nothing. */
const GIVEN_UP_MS = 5_000;

const GoingContext = createContext<Going>({ underWay: false, go: (href) => window.location.assign(href) });

export const useGoing = (): Going => useContext(GoingContext);

export function GoingProvider({ children }: { readonly children: ReactNode }) {
  const router = useRouter();
  const path = usePathname();
  const [pending, start] = useTransition();
  /** The page that a link is leading away from. */
  const [left, setLeft] = useState<string | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onClick = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
      if (!link || !leadsElsewhere(link, event, window.location.href)) return;
      setLeft(window.location.pathname);
      clearTimeout(timer);
      timer = setTimeout(() => setLeft(null), GIVEN_UP_MS);
    };
    document.addEventListener("click", onClick, true);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("click", onClick, true);
    };
  }, []);
  const go = useCallback((href: string) => start(() => router.push(href)), [router]);
  const underWay = pending || left === path;
  const going = useMemo(() => ({ underWay, go }), [underWay, go]);
  return <GoingContext value={going}>{children}</GoingContext>;
}
