// Written by scripts/contracts/generate-artifacts.ts; do not edit.
/** Digest of the sources and settings that the files beside this one were compiled from. */
export const SOURCES_DIGEST = '0xdfdb32ec156b85c76899386d43dcb21c31ee05b298b870fcfbc86fb634e703af';
