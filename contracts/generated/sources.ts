// Written by scripts/contracts/generate-artifacts.ts; do not edit.
/** Digest of the sources and settings that the files beside this one were compiled from. */
export const SOURCES_DIGEST = '0x7043c221edc0dba72611e226c29512d087fa64c8339298a34e611ef705ebea31';
