// Written by scripts/contracts/generate-artifacts.ts; do not edit.
/** Digest of the sources and settings that the files beside this one were compiled from. */
export const SOURCES_DIGEST = '0xa94507356276d2a234c0614c97e36c23f71d58f911040f3cc856bbe049b26bc6';
