import { Button } from "../../components/button.tsx";
import type { SettingSuggestion } from "./suggestion-model.ts";

/** A value with its arithmetic. Using it fills the field; nothing is sent. */
export function SuggestionNote({ suggestion, onUse }: { readonly suggestion: SettingSuggestion; readonly onUse: (value: string) => void }) {
  if ("none" in suggestion) return <p className="pol-suggestion">{suggestion.none}</p>;
  return (
    <p className="pol-suggestion">
      <span>{suggestion.text}</span> <Button onClick={() => onUse(String(suggestion.value))}>Use {suggestion.value}</Button>
    </p>
  );
}
