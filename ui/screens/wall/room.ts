/** How many rows a list has room for, on any screen that is wide: everything grows and shrinks with it. Pure. */

interface Above {
  /** The worst incident stands above the view. */
  readonly urgent: boolean;
  /** Else the whole frame says that it is not. */
  readonly live: boolean;
}

/** Below the figures of the fleet. */
export const fleetRows = ({ urgent, live }: Above): number => 5 - (urgent ? 1 : 0) - (live ? 0 : 2);

/** Where there are no figures. */
export const plainRows = ({ urgent, live }: Above): number => 6 - (urgent ? 1 : 0) - (live ? 0 : 1);

/** The first of them is larger, and is the urgent one itself. */
export const incidentRows = ({ live }: Pick<Above, "live">): number => (live ? 5 : 3);
