"use client";
import { ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useMe } from "../api/queries.ts";
import { DEFAULT_ENVIRONMENT } from "./links.ts";
import { useEnvironment } from "./environment.tsx";

/** The word and the colour of the environment; a menu of the others where there are any. */
export function EnvironmentPicker() {
  const { environment, choose } = useEnvironment();
  const known = new Set([DEFAULT_ENVIRONMENT, ...(useMe().data?.environments ?? []), environment]);
  const live = environment === DEFAULT_ENVIRONMENT;
  if (known.size === 1)
    return (
      <span className="fr-environment" data-default={live} title="Environment">
        {environment}
      </span>
    );
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="fr-environment" data-default={live} aria-label={`Environment: ${environment}`}>
        <span>{environment}</span> <ChevronDown size={12} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="fr-menu" align="start" sideOffset={6}>
          <DropdownMenu.Label>
            Environment <span className="hf-hint">a fleet of its own</span>
          </DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={environment} onValueChange={choose}>
            {[...known].sort().map((name) => (
              <DropdownMenu.RadioItem key={name} value={name}>
                {name}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
