// Written by scripts/contracts/generate-artifacts.ts; do not edit.
/** Digest of the sources and settings that the files beside this one were compiled from. */
export const SOURCES_DIGEST = '0x42571747a12770b802491b3538732ff6c4ec69acbdd55d124188b22a702c894b';
