import { Button } from "../../components/button.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { toggleFullScreen } from "./use-kiosk.ts";
import type { WallTurning } from "./use-rotation.ts";

/** For whoever stands before it with a mouse; away again after some seconds. */
export function WallControls({ turning, onLeave }: { readonly turning: WallTurning; readonly onLeave: () => void }) {
  return (
    <div className="wl-controls" role="toolbar" aria-label="Wall">
      <Button onClick={() => turning.turn(-1)}>
        <Kbd>←</Kbd> Previous
      </Button>
      <Button aria-pressed={turning.held} onClick={turning.hold}>
        <Kbd>space</Kbd> {turning.held ? "Go on" : "Hold"}
      </Button>
      <Button onClick={() => turning.turn(1)}>
        <Kbd>→</Kbd> Next
      </Button>
      <Button onClick={toggleFullScreen}>
        <Kbd>f</Kbd> Full screen
      </Button>
      <Button onClick={onLeave}>
        <Kbd>esc</Kbd> Leave
      </Button>
    </div>
  );
}
