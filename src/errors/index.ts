export { CATALOG, type ErrorCode } from './catalog.js';
export { type ErrorArguments, type FailOptions, fail, GensynError, isGensynError } from './gensyn-error.js';
export { type ErrorKind, EXIT_CODES, OUTCOME_CODES } from './kinds.js';
