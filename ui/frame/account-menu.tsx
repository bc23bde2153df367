"use client";
import Link from "next/link";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { post } from "../api/client.ts";
import { useMe } from "../api/queries.ts";
import { Kbd } from "../components/kbd.tsx";
import { THEME_CHOICES, THEME_WORDS } from "./appearance.ts";
import { PAGES } from "./pages.ts";
import { useTools } from "./tools-context.ts";
import { useAppearance } from "./use-appearance.ts";

/** Who is signed in and with what role; the pages that are no tabs; theme; sign out. */
export function AccountMenu() {
  const me = useMe();
  const { act } = useTools();
  const { theme } = useAppearance();
  const [leaving, setLeaving] = useState(false);
  const name = me.data?.name ?? "…";
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="fr-account" aria-label={`Account: ${name}`}>
        {name.slice(0, 1).toUpperCase()}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="fr-menu" align="end" sideOffset={6}>
          <DropdownMenu.Label>
            {name}
            <span className="hf-hint"> {me.data?.role}</span>
          </DropdownMenu.Label>
          {PAGES.filter((page) => page.place !== "always").map((page) => (
            <DropdownMenu.Item key={page.href} asChild>
              <Link href={page.href} data-wide={page.place === "wide"}>
                {page.label}
              </Link>
            </DropdownMenu.Item>
          ))}
          <DropdownMenu.Separator />
          <DropdownMenu.RadioGroup value={theme} onValueChange={(choice) => act("theme", choice)}>
            {THEME_CHOICES.map((choice) => (
              <DropdownMenu.RadioItem key={choice} value={choice}>
                {choice === "system" ? "Theme as the system" : `${THEME_WORDS[choice]} theme`}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator />
          <DropdownMenu.Item onSelect={() => act("copy-link")}>
            Copy link to this moment <Kbd>c</Kbd>
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => act("save-view")}>Save this view</DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => act("help")}>
            Keys <Kbd>?</Kbd>
          </DropdownMenu.Item>
          <DropdownMenu.Separator />
          <DropdownMenu.Item
            disabled={leaving}
            onSelect={() => {
              setLeaving(true);
              void post("/auth/sign-out", {}).finally(() => window.location.assign("/sign-in"));
            }}
          >
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
