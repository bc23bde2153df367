/** Buttons for the person who gives the demo. */
import type { FailureStatus } from "../director.ts";
import { escape } from "./escape.ts";
import { STYLES } from "./styles.ts";

const SCRIPT = `document.addEventListener("click",async(event)=>{const{name,method}=event.target.dataset;if(!method)return;await fetch("/failures/"+name,{method});location.reload()});setTimeout(()=>location.reload(),5000)`;

export function directorPage(failures: readonly FailureStatus[]): string {
  const rows = failures.map((failure) => {
    const [method, label, quiet] = failure.active
      ? ["DELETE", `End (${failure.secondsLeft ?? 0} s left)`, ' class="quiet"']
      : ["POST", "Make it fail", ""];
    return `<tr><td><strong>${escape(failure.title)}</strong><br><span class="muted">${escape(failure.watch)}</span></td><td><button data-name="${failure.name}" data-method="${method}"${quiet}>${label}</button></td></tr>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Director - Larkfield</title><link rel="icon" href="data:,"><style>${STYLES}</style></head><body><main class="wrap"><h1>What shall fail?</h1><p class="lead">Each failure is real, in real processes, and ends by itself.</p><table>${rows.join("")}</table></main><script>${SCRIPT}</script></body></html>`;
}
