"use client";
import { Fragment } from "react";
import { Kbd } from "../components/kbd.tsx";
import { Sheet } from "../components/sheet.tsx";
import { KEY_GROUPS, bindings, keyName, type KeyBinding } from "../keys/key-map.ts";
import { useIsMac } from "../keys/use-is-mac.ts";
import { PAGES } from "./pages.ts";

const goes = new Set<string>(PAGES.map((page) => page.action));
const shown = bindings.filter((binding) => binding.group !== "Go to" || goes.has(binding.action));

function Strokes({ binding, mac }: { readonly binding: KeyBinding; readonly mac: boolean }) {
  return binding.strokes.map((strokes, i) => (
    <Fragment key={strokes.join(" ")}>
      {i === 0 ? null : <span className="hf-hint">{binding.strokes.length > 3 ? " " : " or "}</span>}
      {strokes.map((stroke, at) => (
        <Fragment key={stroke}>
          {at === 0 ? null : <span className="hf-hint"> then </span>}
          <Kbd>{keyName(stroke, mac)}</Kbd>
        </Fragment>
      ))}
    </Fragment>
  ));
}

/** Every key, from the same table that reads them. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  const mac = useIsMac();
  return (
    <Sheet
      open
      onClose={onClose}
      title="Keys"
      description="They rest while you type or while a dialog is open. No single key changes anything in the fleet."
    >
      {KEY_GROUPS.map((group) => (
        <section key={group} className="fr-keys" aria-label={group}>
          <h3>{group}</h3>
          <dl>
            {shown
              .filter((binding) => binding.group === group)
              .map((binding) => (
                <div key={binding.action}>
                  <dt>
                    <Strokes binding={binding} mac={mac} />
                  </dt>
                  <dd>{binding.does}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </Sheet>
  );
}
