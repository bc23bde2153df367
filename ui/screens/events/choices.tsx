"use client";
import { ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useId } from "react";
import { Button } from "../../components/button.tsx";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface ChoicesProps {
  /** Of what: Service. */
  readonly label: string;
  /** What it says while nothing is chosen: All services. */
  readonly all: string;
  /** Of several: services. */
  readonly many: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  /** More cannot be asked for at once. */
  readonly most: number;
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Some of a list, with its label before it in the line: none chosen is all of it. */
export function Choices({ label, all, many, choices, chosen, most, onChange }: ChoicesProps) {
  const id = useId();
  const [first] = chosen;
  const words = first === undefined ? all : chosen.length > 1 ? `${String(chosen.length)} ${many}` : labelOf(first, choices);
  const toggle = (value: string): void => onChange(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return (
    <>
      <span id={`${id}l`}>{label}</span>
      <Popover.Root>
        <Popover.Trigger id={`${id}b`} className="ev-choose" aria-labelledby={`${id}l ${id}b`} data-some={first !== undefined}>
          <span>{words}</span> <ChevronDown size={14} aria-hidden />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content className="ev-choices" align="start" collisionPadding={8} aria-label={label}>
            <ul>
              {choices.map(({ value, label: name }) => (
                <li key={value}>
                  <label>
                    <input
                      type="checkbox"
                      checked={chosen.includes(value)}
                      disabled={chosen.length >= most && !chosen.includes(value)}
                      onChange={() => toggle(value)}
                    />
                    <span>{name}</span>
                  </label>
                </li>
              ))}
            </ul>
            {chosen.length < most ? null : <p className="ev-note">At most {most} at once.</p>}
            <div className="ev-choices-foot">
              <Button tone="quiet" disabled={chosen.length === 0} onClick={() => onChange([])}>
                {all}
              </Button>
              <Popover.Close asChild>
                <Button>Done</Button>
              </Popover.Close>
            </div>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </>
  );
}

const labelOf = (value: string, choices: readonly Choice[]): string => choices.find((choice) => choice.value === value)?.label ?? value;
