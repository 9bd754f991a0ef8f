/** From vite.config.ts. */
declare const VERSION: string;

/** The package's version, and the commit where the build knows it: "0.1.0 (f448996)". */
export const version = VERSION;
