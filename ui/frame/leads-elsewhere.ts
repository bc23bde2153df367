/** Which clicks change the page within this tab. Pure. */

interface Link {
  readonly href: string;
  readonly target: string;
}

interface Click {
  readonly button: number;
  readonly metaKey: boolean;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** True for a plain click on a link to another page of this console. */
export function leadsElsewhere({ href, target }: Link, click: Click, here: string): boolean {
  if (click.button !== 0 || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return false;
  if (target !== "" && target !== "_self") return false;
  const [to, from] = [new URL(href, here), new URL(here)];
  return to.origin === from.origin && to.pathname !== from.pathname;
}
