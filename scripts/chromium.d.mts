/** Path of a usable browser, or undefined. CHROMIUM_PATH wins. */
export function findChromium(): string | undefined;
