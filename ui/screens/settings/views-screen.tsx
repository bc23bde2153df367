"use client";
import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/empty.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { keyName } from "../../keys/key-map.ts";
import { useIsMac } from "../../keys/use-is-mac.ts";
import { useSavedViews } from "../../frame/use-saved-views.ts";

/** Pages with their filters, by the names this person gave them. */
export function ViewsScreen() {
  const { views, forget } = useSavedViews();
  const find = <Kbd>{keyName("mod+k", useIsMac())}</Kbd>;
  if (views.length === 0)
    return (
      <Empty title="No view is saved yet">
        <p>Filter a page as you like it, then press {find} and choose “Save this view”. It is found there by its name from then on.</p>
        <p className="st-note">Views are kept in this browser, for you alone; another browser does not have them.</p>
      </Empty>
    );
  return (
    <>
      <p className="st-note">Found by name with {find}. Kept in this browser, for you alone; another browser does not have them.</p>
      <ul className="st-list">
        {views.map((view) => (
          <li key={view.name} className="st-view" data-row>
            <Link href={view.href}>
              <b>{view.name}</b>
            </Link>
            <code>{view.href}</code>
            <Button aria-label={`Forget ${view.name}`} onClick={() => forget(view.name)}>
              Forget
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
